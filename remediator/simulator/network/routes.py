"""Reading Microsoft.Network, and changing outbound rules."""

from collections.abc import Callable

from remediator.simulator import ids
from remediator.simulator.compute.state import Vm
from remediator.simulator.network import wire
from remediator.simulator.network.state import Attachment, Network, Rule
from remediator.simulator.paging import page
from remediator.simulator.reply import ArmError, Json, Reply, resource_not_found
from remediator.simulator.routing import Call, Handler, Route

_SPACE = "Microsoft.Network"
_ALL = "/subscriptions/{subscription}/providers/" + _SPACE
_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}/providers/" + _SPACE
_NETWORK = _GROUP + "/virtualNetworks/{network}"
_SECURITY = _GROUP + "/networkSecurityGroups/{name}"


def _vms(call: Call) -> list[Vm]:
    """Return the VMs whose interfaces are in the subscription. A moved VM's interface stays."""
    return call.world.vms.having("network", call.subscription.lower())


def _interfaces(call: Call) -> list[Json]:
    return [wire.interface(vm.attachment, vm.arm_id) for vm in _vms(call) if vm.attachment]


def _security_groups(call: Call) -> list[Json]:
    return [wire.security_group(vm.attachment) for vm in _vms(call) if vm.attachment]


def _networks(call: Call) -> list[Json]:
    return [wire.network(each) for each in call.world.networks]


def _list(rows: Callable[[Call], list[Json]]) -> Handler:
    def handler(call: Call) -> Reply:
        scope = f"/subscriptions/{call.subscription}"
        if "group" in call.params:
            scope = ids.group_id(call.subscription, call.group)
        return page(call, [row for row in rows(call) if ids.within(str(row["id"]), scope)])

    return handler


def _get(kind: str, rows: Callable[[Call], list[Json]]) -> Handler:
    def handler(call: Call) -> Reply:
        name = call.params["name"]
        wanted = ids.resource_id(call.subscription, call.group, f"{_SPACE}/{kind}", name)
        for row in rows(call):
            if ids.same(str(row["id"]), wanted):
                return Reply(200, row)
        raise resource_not_found(f"{_SPACE}/{kind}", name, call.group)

    return handler


def _network_of(call: Call) -> Network:
    kind, name = f"{_SPACE}/virtualNetworks", call.params["network"]
    wanted = ids.resource_id(call.subscription, call.group, kind, name)
    for network in call.world.networks:
        if ids.same(network.arm_id, wanted):
            return network
    raise resource_not_found(kind, name, call.group)


def _list_subnets(call: Call) -> Reply:
    network = _network_of(call)
    return page(call, [wire.subnet(network, name) for name in network.subnets])


def _get_subnet(call: Call) -> Reply:
    network = _network_of(call)
    for name in network.subnets:
        if ids.same(name, call.params["subnet"]):
            return Reply(200, wire.subnet(network, name))
    name = call.params["subnet"]
    raise ArmError(
        404,
        "NotFound",
        f"Resource {network.arm_id}/subnets/{name} not found.",
        envelope="compute",
    )


def _attachment_of(call: Call) -> Attachment:
    kind, name = f"{_SPACE}/networkSecurityGroups", call.params["name"]
    wanted = ids.resource_id(call.subscription, call.group, kind, name)
    for vm in _vms(call):
        if vm.attachment is not None and ids.same(vm.attachment.security_id, wanted):
            return vm.attachment
    raise resource_not_found(kind, name, call.group)


def _put_rule(call: Call) -> Reply:
    """Add or change an outbound rule. Two rules cannot have the same priority.

    A rule is in force at once. The real operation takes some seconds.
    """
    attachment = _attachment_of(call)
    properties = (call.body or {}).get("properties") or {}
    name, priority = call.params["rule"], properties.get("priority")
    if properties.get("direction") != "Outbound" or not isinstance(priority, int):
        raise ArmError(
            400,
            "InvalidRequestFormat",
            "Only outbound rules with a priority are known here.",
            envelope="compute",
        )
    others = [each for each in attachment.rules if not ids.same(each.name, name)]
    for other in others:
        if other.priority == priority:
            raise ArmError(
                400,
                "SecurityRuleConflict",
                f"Security rule {name} conflicts with rule {other.name}. Rules cannot have the "
                "same Priority and Direction.",
                envelope="compute",
            )
    allows = properties.get("access") == "Allow"
    made = Rule(name, priority, allows, str(properties.get("destinationAddressPrefix", "*")))
    status = 200 if len(others) < len(attachment.rules) else 201
    attachment.rules = sorted([*others, made], key=lambda each: each.priority)
    return Reply(status, wire.rule(attachment, made))


def _delete_rule(call: Call) -> Reply:
    attachment = _attachment_of(call)
    kept = [each for each in attachment.rules if not ids.same(each.name, call.params["rule"])]
    status = 200 if len(kept) < len(attachment.rules) else 204
    attachment.rules = kept
    return Reply(status)


def _reads(kind: str, rows: Callable[[Call], list[Json]]) -> list[Route]:
    action = f"{_SPACE}/{kind}/read"
    return [
        Route("GET", f"{_ALL}/{kind}", action, _list(rows)),
        Route("GET", f"{_GROUP}/{kind}", action, _list(rows)),
        Route("GET", f"{_GROUP}/{kind}" + "/{name}", action, _get(kind, rows)),
    ]


_RULES = f"{_SPACE}/networkSecurityGroups/securityRules"

ROUTES = [
    *_reads("networkInterfaces", _interfaces),
    *_reads("networkSecurityGroups", _security_groups),
    *_reads("virtualNetworks", _networks),
    Route("GET", f"{_NETWORK}/subnets", f"{_SPACE}/virtualNetworks/subnets/read", _list_subnets),
    Route(
        "GET",
        _NETWORK + "/subnets/{subnet}",
        f"{_SPACE}/virtualNetworks/subnets/read",
        _get_subnet,
    ),
    Route("PUT", _SECURITY + "/securityRules/{rule}", f"{_RULES}/write", _put_rule),
    Route("DELETE", _SECURITY + "/securityRules/{rule}", f"{_RULES}/delete", _delete_rule),
]
