"""The resources around the machines: keys, policies, roles, networks, storage."""

from datetime import datetime

from remediator.simulator import ids
from remediator.simulator.compute.state import Encryption, Vm
from remediator.simulator.keyvault.state import KeyVault, Permissions
from remediator.simulator.network.state import Attachment, Network, Rule
from remediator.simulator.resources.state import (
    CustomRole,
    DenyAssignment,
    RoleAssignment,
    TagPolicy,
)
from remediator.simulator.scenario.load import ScenarioError
from remediator.simulator.scenario.models import Scenario
from remediator.simulator.scenario.places import Places
from remediator.simulator.scenario.surroundings import KeyVaultPart
from remediator.simulator.scenario.vm_parts import VmPart
from remediator.simulator.storage.state import Account
from remediator.simulator.world import World

_LAST_PRIORITY = 4000


def surround(world: World, scenario: Scenario, places: Places, now: datetime) -> None:
    """Make the resources that exist before any machine."""
    world.backup_service = scenario.backup_service_object_id
    world.quota = {name: (each.current, each.limit) for name, each in scenario.quota.items()}
    world.unregistered = {
        (places.subscription(each.subscription).lower(), each.namespace.lower())
        for each in scenario.unregistered
    }
    for each in scenario.key_vaults:
        vault = _key_vault(world, each, places)
        if each.deleted is None:
            world.key_vaults.append(vault)
        else:
            vault.deleted = each.deleted.at(now)
            world.deleted_key_vaults.append(vault)
    for policy in scenario.tag_policies:
        subscription = places.subscription(policy.subscription)
        title = policy.name or f"Require {policy.tag} on resource groups"
        name = ids.guid("policy", subscription, title).replace("-", "")[:24]
        world.tag_policies.append(TagPolicy(subscription, name, title, policy.tag, policy.value))
    for part in scenario.networks:
        subscription = places.subscription(part.subscription)
        group = places.group(subscription, part.group)
        location = places.location(part.location)
        world.networks.append(Network(subscription, group, part.name, location, list(part.subnets)))
    for account in scenario.storage_accounts:
        subscription = places.subscription(account.subscription)
        world.storage_accounts.append(
            Account(
                subscription,
                places.group(subscription, account.group),
                account.name,
                places.location(account.location),
                account.sku,
                account.kind,
                account.status,
                account.network_default,
            )
        )


def _key_vault(world: World, part: KeyVaultPart, places: Places) -> KeyVault:
    subscription = places.subscription(part.subscription)
    access = {}
    for each in part.access:
        who = world.backup_service if each.object_id == "backup" else each.object_id
        access[who.lower()] = Permissions(
            {key.lower() for key in each.keys}, {secret.lower() for secret in each.secrets}
        )
    return KeyVault(
        subscription,
        places.group(subscription, part.group),
        part.name,
        places.location(part.location),
        part.rbac,
        part.network_default,
        part.bypass,
        list(part.ip_rules),
        access,
        part.retention_days,
    )


def assign_roles(world: World, scenario: Scenario, places: Places) -> None:
    """Assign the scenario's roles. All their scopes must exist by now."""
    for part in scenario.role_assignments:
        scope = places.scope(part.scope)
        who = world.backup_service if part.principal == "backup" else part.principal
        subscription = "/".join(scope.split("/")[:3])
        role = f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{part.role}"
        name = ids.guid("assignment", scope, part.role, who)
        world.role_assignments.append(RoleAssignment(scope, name, role, who, part.condition))
    for own in scenario.custom_roles:
        data = tuple(own.data_actions), tuple(own.not_data_actions)
        world.custom_roles.append(CustomRole(own.guid, own.name, *data))
    for denial in scenario.deny_assignments:
        scope = places.scope(denial.scope)
        who = world.backup_service if denial.principal == "backup" else denial.principal
        name = ids.guid("denial", scope, who, *denial.data_actions)
        world.deny_assignments.append(DenyAssignment(scope, name, who, tuple(denial.data_actions)))


def connect(world: World, part: VmPart, vm: Vm, places: Places) -> None:
    """Connect a machine with its network, its keys and its storage account."""
    vm.attachment = _attachment(world, part, vm)
    if part.encryption is not None:
        name = part.encryption.key_vault
        known = (*world.key_vaults, *world.deleted_key_vaults)
        keys = [each for each in known if ids.same(each.name, name)]
        if not keys:
            raise ScenarioError(f"no key vault is named {name!r}")
        vm.encryption = Encryption(keys[0].arm_id, part.encryption.kek)
    if part.unmanaged_in is not None:
        vm.unmanaged_in = places.scope(f"storage:{part.unmanaged_in}")


def _attachment(world: World, part: VmPart, vm: Vm) -> Attachment:
    described = part.network
    name = described.vnet or f"{vm.group}-vnet"
    network = next((each for each in world.networks if ids.same(each.name, name)), None)
    if network is None:
        if described.vnet is not None:
            raise ScenarioError(f"no network is named {name!r}")
        network = Network(vm.subscription, vm.group, name, vm.location, ["default"])
        world.networks.append(network)
    rules = []
    if described.deny_outbound:
        rules.append(Rule("DenyInternet", _LAST_PRIORITY, allows=False, destination="Internet"))
    return Attachment(
        vm.subscription,
        vm.group,
        vm.name,
        vm.location,
        network,
        described.subnet,
        described.static_ip,
        rules,
    )
