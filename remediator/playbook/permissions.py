"""The permissions that a playbook, a plan or the whole tool needs, for a custom role.

The permissions for changes come from an action's operations. The permissions for reading stand
here, by source. The names come from "Azure permissions for …" in the RBAC documentation.
"""

from collections.abc import Iterable
from typing import Final

from remediator.change.operations import SHAPES, Operation
from remediator.change.step import Change
from remediator.facts import Source
from remediator.guards.resource_guard import CRITICAL
from remediator.playbook.abilities import abilities
from remediator.playbook.playbook import Playbook
from remediator.reading import Api
from remediator.value import Value

_VAULT: Final = "Microsoft.RecoveryServices/Vaults"
_ITEM: Final = f"{_VAULT}/backupFabrics/protectionContainers/protectedItems"
_VM: Final = "Microsoft.Compute/virtualMachines/read"
_JOBS: Final = f"{_VAULT}/backupJobs/read"
_ITEMS: Final = f"{_VAULT}/backupProtectedItems/read"
_POINTS: Final = "Microsoft.Compute/restorePointCollections/restorePoints/read"
_COLLECTIONS: Final = "Microsoft.Compute/restorePointCollections/read"
_GROUPS: Final = "Microsoft.Resources/subscriptions/resourceGroups/read"
_SUBSCRIPTION: Final = "Microsoft.Resources/subscriptions/read"
_VAULTS: Final = "Microsoft.Resources/subscriptions/resources/read"

READS: Final[dict[Source, tuple[str, ...]]] = {
    Source.VM: (_VM,),
    Source.LOCKS: ("Microsoft.Authorization/locks/read",),
    Source.COLLECTIONS: (_COLLECTIONS,),
    Source.POINTS: (_COLLECTIONS, _POINTS),
    Source.ITEM: (_ITEMS,),
    Source.POLICY: (f"{_VAULT}/backupPolicies/read",),
    Source.RECOVERY_POINTS: (f"{_ITEM}/recoveryPoints/read",),
    Source.JOBS: (_JOBS,),
    Source.OTHER_JOBS: (_JOBS, _VAULTS),
    Source.OTHER_ITEMS: (_ITEMS, _VAULTS),
    Source.WHEREABOUTS: (_SUBSCRIPTION, _VM),
    Source.POLICY_CHOICE: (f"{_VAULT}/backupPolicies/read", _JOBS),
    Source.PROTECTABLE: (f"{_VAULT}/backupProtectableItems/read",),
    Source.DISKS: ("Microsoft.Compute/disks/read",),
    Source.DISK_POINTS: (
        "Microsoft.Compute/restorePointCollections/restorePoints/diskRestorePoints/read",
    ),
    Source.GROUPS: (_GROUPS,),
    Source.TAG_DEMANDS: (
        "Microsoft.Authorization/policyAssignments/read",
        "Microsoft.Authorization/policyDefinitions/read",
        "Microsoft.Authorization/policySetDefinitions/read",
    ),
    Source.KEY_VAULTS: (
        "Microsoft.KeyVault/vaults/read",
        "Microsoft.Authorization/roleAssignments/read",
        "Microsoft.Authorization/roleDefinitions/read",
        "Microsoft.Authorization/denyAssignments/read",
    ),
    Source.LOST_KEY_VAULTS: (
        "Microsoft.KeyVault/vaults/read",
        "Microsoft.KeyVault/deletedVaults/read",
        _GROUPS,
        _SUBSCRIPTION,
    ),
    Source.VAULT_PLACE: (f"{_VAULT}/read",),
    Source.STORAGE_ACCOUNTS: ("Microsoft.Storage/storageAccounts/read",),
    Source.NETWORKS: ("Microsoft.Network/virtualNetworks/read",),
    Source.COMPUTE_USAGES: ("Microsoft.Compute/locations/usages/read",),
    Source.PROVIDERS: ("Microsoft.Resources/subscriptions/providers/read",),
    Source.INTERFACES: (
        "Microsoft.Network/networkInterfaces/read",
        "Microsoft.Network/networkSecurityGroups/read",
        "Microsoft.Network/virtualNetworks/subnets/read",
    ),
    Source.CPU: ("Microsoft.Insights/metrics/read",),
    Source.NEIGHBOURS: (_ITEMS,),
    Source.ATTEMPTS: (_JOBS,),
    Source.SUBSCRIPTION_TAGS: (_SUBSCRIPTION,),
    Source.ENHANCED_POLICIES: (f"{_VAULT}/backupPolicies/read",),
    Source.IMMUTABILITY: (f"{_VAULT}/read",),
    Source.RESOURCE_GUARDS: (f"{_VAULT}/backupResourceGuardProxies/read",),
}
"""The permissions for reading each source."""

_ALWAYS: Final = (_JOBS, _VM, _GROUPS, _SUBSCRIPTION, "Microsoft.Authorization/permissions/read")
"""The permissions for the job itself, and for the guards' reads before a run."""

_FOLLOWING: Final[dict[Api, tuple[str, ...]]] = {
    Api.BACKUP: (
        f"{_ITEM}/read",
        f"{_ITEM}/operationResults/read",
        f"{_ITEM}/operationsStatus/read",
        f"{_ITEM}/recoveryPoints/read",
        f"{_VAULT}/backupPolicies/read",
        f"{_VAULT}/backupFabrics/operationResults/read",
        f"{_VAULT}/backupJobs/operationResults/read",
        f"{_VAULT}/backupOperationResults/read",
        f"{_VAULT}/backupOperations/read",
    ),
    Api.COMPUTE: ("Microsoft.Compute/locations/operations/read",),
    Api.DISKS: ("Microsoft.Compute/locations/operations/read",),
}
"""The permissions for following an operation to its end, and for looking at the point that a backup
has made."""


class Role(Value):
    """A custom role as `az role definition create --role-definition` takes it."""

    Name: str
    IsCustom: bool = True
    Description: str
    Actions: tuple[str, ...]
    NotActions: tuple[str, ...] = ()
    DataActions: tuple[str, ...] = ()
    NotDataActions: tuple[str, ...] = ()
    AssignableScopes: tuple[str, ...]


def of_playbooks(playbooks: Iterable[Playbook]) -> frozenset[str]:
    """All permissions that playbooks may need, whatever facts they find."""
    found = set(_ALWAYS)
    for playbook in playbooks:
        found.update(*(READS[source] for source in playbook.may_read()))
        for rung in playbook.ladder:
            for action in rung.steps:
                ability = abilities()[action.action]
                found |= _of_operations(ability.operations)
                found.update(*(READS[Source(source)] for source in ability.needs))
    return frozenset(found)


def of_changes(
    changes: Iterable[Change], actions: Iterable[str], sources: Iterable[Source] = ()
) -> frozenset[str]:
    """The permissions for applying the changes of these actions, with the reads before each one.

    Args:
        changes: the changes.
        actions: the names of the actions.
        sources: the other sources that are read, because the plan is made again before it is
            applied.
    """
    found = set(_ALWAYS) | _of_operations(change.operation for change in changes)
    found.update(*(READS[source] for source in sources))
    for name in actions:
        found.update(*(READS[Source(source)] for source in abilities()[name].needs))
    return frozenset(found)


def _of_operations(operations: Iterable[Operation]) -> set[str]:
    found: set[str] = set()
    for operation in operations:
        shape = SHAPES[operation]
        found |= {shape.permission, *_FOLLOWING.get(shape.api, ())}
        if operation in CRITICAL:
            found.update(READS[Source.RESOURCE_GUARDS])
    return found


def role(name: str, actions: Iterable[str], subscriptions: Iterable[str]) -> Role:
    """The role with these actions, each once."""
    spelt = {action.lower(): action for action in actions}
    scopes = tuple(dict.fromkeys(f"/subscriptions/{each}" for each in subscriptions))
    return Role(
        Name=name,
        Description="What remediate needs, and no more.",
        Actions=tuple(spelt[key] for key in sorted(spelt)),
        AssignableScopes=scopes or ("/subscriptions/SUBSCRIPTION",),
    )
