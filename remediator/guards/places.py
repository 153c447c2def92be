"""The allow-lists: the subscriptions and resource groups in which changes are allowed.

Azure Backup makes its own group in the VM's subscription. If the VM is inside, this group counts as
inside. Every other target must be inside by itself, also one in the vault's group.
"""

import re
from typing import Final

from remediator import ids
from remediator.facts import Facts, Known, Source
from remediator.guards.case import Case, Refusal
from remediator.guards.limits import Limits

_OWN_NAME: Final = re.compile(r"azurebackuprg_[a-z0-9-]+_\d+", re.IGNORECASE | re.ASCII)
"""The names of Azure Backup's groups: `AzureBackupRG_<geo>_<n>` ("Back up a VM during its
creation")."""


def needs(limits: Limits) -> frozenset[Source]:
    """The collections tell which groups are Azure Backup's own.

    The policy may rename the groups.
    """
    listed = bool(limits.groups or limits.subscriptions)
    return frozenset({Source.COLLECTIONS, Source.POLICY} if listed else ())


def judge(case: Case) -> Refusal | None:
    """Refuse if the VM or the target of a change lies outside."""
    limits = case.limits
    if not limits.subscriptions and not limits.groups:
        return None
    vm = case.vm_id
    if vm is None:
        return Refusal("only", case.target, "the VM is not known, so it may lie outside")
    for target in (vm, *(change.target for change in case.changes)):
        if outside := _outside(target, vm, case.facts, limits):
            return Refusal("only", case.target, f"{target} lies outside: {outside}")
    return None


def _outside(target: str, vm: str, facts: Facts, limits: Limits) -> str | None:
    """Why a target is not on the lists. None when it is."""
    subscription = _subscription(target)
    if limits.subscriptions and not any(
        ids.same(subscription, f"/subscriptions/{allowed}") for allowed in limits.subscriptions
    ):
        return f"--only-subscription allows {', '.join(limits.subscriptions)}"
    if not limits.groups:
        return None
    group = ids.group_name(target)
    if group is None:
        return "it is not in a resource group"
    group_id = f"{subscription}/resourceGroups/{group}"
    if any(ids.same(allowed, each) for allowed in limits.groups for each in (group, group_id)):
        return None
    if ids.same(subscription, _subscription(vm)) and _is_backups_own(group, facts):
        return None
    return f"--only-resource-group allows {', '.join(limits.groups)}"


def _subscription(arm_id: str) -> str:
    return "/" + "/".join(arm_id.strip("/").split("/")[:2])


def _is_backups_own(group: str, facts: Facts) -> bool:
    if _OWN_NAME.fullmatch(group):
        return True
    if isinstance(facts.policy, Known) and facts.policy.value.names_group(group):
        return True
    found = facts.collections.value if isinstance(facts.collections, Known) else ()
    return any(each.service_group and ids.same(each.group, group) for each in found)
