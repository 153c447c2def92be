"""The virtual machine, with its instance view: power, provisioning, agent, extensions."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from remediator import ids
from remediator.facts import (
    Absent,
    AgentState,
    DataDisk,
    Extension,
    Known,
    PowerState,
    Provisioning,
    Readings,
    Source,
    Thing,
    Unknown,
    Vm,
)
from remediator.inspect.vm_id import vm_id_of
from remediator.inspect.wire import dig, items, moment, tags, text
from remediator.reading import Api, Query, Reader
from remediator.redaction import redacted


async def look(
    reader: Reader, about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Thing[Vm]:
    """Read the VM that the job names. A VM that does not exist is known to be absent."""
    vm_id = await vm_id_of(about, ask)
    if isinstance(vm_id, Unknown):
        return vm_id
    return await read(reader, vm_id)


async def read(reader: Reader, vm_id: str) -> Known[Vm] | Absent:
    """Read a VM by its id.

    Raises:
        AzureError: it could not be read.
    """
    query = Query(api=Api.COMPUTE, path=vm_id, params=(("$expand", "instanceView"),))
    answer = await reader.get(query)
    if answer.body is None:
        return Absent(str(query), answer.at)
    found = parse(answer.body)
    if not found.id:
        found = found.model_copy(update={"id": vm_id})  # the id of the request
    return Known(found, str(query), answer.at)


def parse(body: dict[str, Any]) -> Vm:
    """A VM as Compute describes it."""
    view = dig(body, "properties", "instanceView")
    agent = dig(view, "vmAgent")
    spoken = items(agent, "statuses")
    system = dig(body, "properties", "storageProfile", "osDisk")
    return Vm(
        id=text(body, "id"),
        name=text(body, "name"),
        location=text(body, "location"),
        os=text(system, "osType").lower(),
        power=_power(view),
        provisioning=provisioning(text(body, "properties", "provisioningState")),
        agent=_agent(agent, spoken),
        agent_message="; ".join(redacted(text(status, "message")) for status in spoken),
        agent_version=text(agent, "vmAgentVersion") or "unknown version",
        extensions=_extensions(body, view),
        size=text(body, "properties", "hardwareProfile", "vmSize"),
        unique_id=text(body, "properties", "vmId") or None,
        os_version=" ".join(filter(None, (text(view, "osName"), text(view, "osVersion")))),
        agent_heard=max(filter(None, (moment(said, "time") for said in spoken)), default=None),
        agent_wanted=_flag(_os_profile(body), "provisionVMAgent"),
        extensions_allowed=_flag(dig(body, "properties", "osProfile"), "allowExtensionOperations"),
        reboot_pending=_flag(dig(view, "patchStatus", "availablePatchSummary"), "rebootPending"),
        managed=dig(system, "vhd") is None,
        ephemeral=text(system, "diffDiskSettings", "option").lower() == "local",
        plan=" ".join(filter(None, (text(body, "plan", k) for k in ("publisher", "product")))),
        disks=tuple(map(_disk, items(body, "properties", "storageProfile", "dataDisks"))),
        key_vaults=_key_vaults(view),
        key_encryption=any(setting.get("keyEncryptionKey") for setting in _encryption(view)),
        nics=tuple(
            text(nic, "id")
            for nic in items(body, "properties", "networkProfile", "networkInterfaces")
        ),
        security_type=text(body, "properties", "securityProfile", "securityType") or None,
        tags=tags(body),
    )


def _os_profile(body: dict[str, Any]) -> object:
    profile = dig(body, "properties", "osProfile")
    return dig(profile, "windowsConfiguration") or dig(profile, "linuxConfiguration")


def _flag(node: object, key: str) -> bool | None:
    found = dig(node, key)
    return found if isinstance(found, bool) else None


def _disk(row: dict[str, Any]) -> DataDisk:
    lun, size = row.get("lun"), row.get("diskSizeGB")
    return DataDisk(
        lun=lun if isinstance(lun, int) else -1,
        name=text(row, "name"),
        size_gb=size if isinstance(size, int) else None,
        managed_id=text(row, "managedDisk", "id") or None,
        write_accelerated=row.get("writeAcceleratorEnabled") is True,
    )


def _encryption(view: object) -> list[dict[str, Any]]:
    return [s for disk in items(view, "disks") for s in items(disk, "encryptionSettings")]


def _key_vaults(view: object) -> tuple[str, ...]:
    """Each vault once, in the order in which the disks name them."""
    found: dict[str, str] = {}
    for setting in _encryption(view):
        for key in ("diskEncryptionKey", "keyEncryptionKey"):
            vault = text(setting, key, "sourceVault", "id")
            if vault:
                found.setdefault(ids.normal(vault), vault)
    return tuple(found.values())


def provisioning(state: str) -> Provisioning:
    """A provisioningState. Creating, Updating and unknown states count as under way."""
    match state.lower():
        case "succeeded":
            return Provisioning.SUCCEEDED
        case "failed" | "canceled":
            return Provisioning.FAILED
        case "deleting":
            return Provisioning.DELETING
        case _:
            return Provisioning.UNDER_WAY


def _power(view: object) -> PowerState:
    for status in items(view, "statuses"):
        kind, _, state = text(status, "code").partition("/")
        if kind.lower() == "powerstate":
            known = {s.value: s for s in PowerState}
            return known.get(state.lower(), PowerState.OTHER)
    return PowerState.OTHER


def _agent(agent: object, spoken: list[dict[str, Any]]) -> AgentState:
    if not agent:
        return AgentState.ABSENT
    # The code and the displayStatus decide. The messages vary, and even a Ready agent may complain.
    ready = any(
        text(status, "displayStatus").lower() == "ready"
        and text(status, "code").lower() == "provisioningstate/succeeded"
        for status in spoken
    )
    return AgentState.READY if ready else AgentState.NOT_READY


def _extensions(body: dict[str, Any], view: object) -> tuple[Extension, ...]:
    """Extensions as ARM knows them, and those that only the instance view or the agent shows.

    Azure Backup's own extension may be missing from the resources while its handler is still there.
    """
    messages: dict[str, str] = {}
    states: dict[str, Provisioning] = {}
    types: dict[str, str] = {}
    for shown in items(view, "extensions"):
        name = text(shown, "name")
        types[name.lower()] = text(shown, "type")
        for status in items(shown, "statuses"):
            kind, _, state = text(status, "code").partition("/")
            if kind.lower() == "provisioningstate":
                states[name.lower()] = provisioning(state.split("/")[0])
                messages[name.lower()] = redacted(text(status, "message"))
    found: dict[str, Extension] = {}
    for resource in items(body, "resources"):
        told = text(resource, "type") or "/".join(text(resource, "id").split("/")[:-1])
        if not told.lower().endswith("/extensions"):
            continue
        name = (text(resource, "name") or text(resource, "id")).rsplit("/", 1)[-1]
        # If the resource leaves a value out, the instance view may tell it.
        publisher, _, kind = types.get(name.lower(), "").rpartition(".")
        properties = dig(resource, "properties")
        said = text(properties, "provisioningState")
        own = provisioning(said)
        seen = states.get(name.lower(), own)
        found[name.lower()] = Extension(
            name=name,
            publisher=text(properties, "publisher") or publisher,
            type=text(properties, "type") or kind,
            # The worse of the two states wins: ARM may say Succeeded while the agent reports a
            # failure.
            state=seen if own is Provisioning.SUCCEEDED or not said else own,
            told=bool(said),
            message=messages.get(name.lower(), ""),
        )
    for shown in items(view, "extensions"):
        name = text(shown, "name")
        publisher, _, kind = types[name.lower()].rpartition(".")
        if name and name.lower() not in found:
            found[name.lower()] = Extension(
                name=name,
                publisher=publisher,
                type=kind,
                state=states.get(name.lower(), Provisioning.UNDER_WAY),
                message=messages.get(name.lower(), ""),
            )
    for handler in _handlers(view):
        if not any(each.type.lower() == handler.type.lower() for each in found.values()):
            found[handler.type.lower()] = handler
    return tuple(found.values())


def _handlers(view: object) -> Iterator[Extension]:
    """Extensions as the agent's handlers show them."""
    for handler in items(view, "vmAgent", "extensionHandlers"):
        publisher, _, kind = text(handler, "type").rpartition(".")
        state = text(handler, "status", "code").partition("/")[2]
        if kind:
            yield Extension(
                name=kind,  # Azure Backup gives its extension the name of its type
                publisher=publisher,
                type=kind,
                state=provisioning(state.split("/")[0]),
                message=redacted(text(handler, "status", "message")),
                listed=False,
            )
