"""Conditions about Enhanced policies, and about disks that need one."""

from typing import Final

from remediator.conditions.condition import Condition, State
from remediator.conditions.disks import described, disks_taken_along
from remediator.facts import Facts, Source, Unknown

_NEED_ONE: Final = ("ultrassd", "premiumv2")
"""How the kinds of disks begin that only an Enhanced policy backs up ("Support matrix for Azure VM
backup")."""


def _enhanced_policy(facts: Facts) -> State:
    if isinstance(facts.enhanced_policies, Unknown):
        return State("unclear", facts.enhanced_policies.reason)
    found, source = facts.enhanced_policies.value, facts.enhanced_policies.source
    if found.in_use:
        return State("in-use", f"the VM's policy is an Enhanced one ({source})")
    names = ", ".join(each.rsplit("/", 1)[-1] for each in found.policies)
    match len(found.policies):
        case 0:
            return State("none", f"the vault has no Enhanced policy ({source})")
        case 1:
            return State("one", f"the vault has the Enhanced policy {names} ({source})")
        case _:
            return State("several", f"the vault has several Enhanced policies: {names} ({source})")


def _enhanced_disks(facts: Facts) -> State:
    disks = disks_taken_along(facts)
    if isinstance(disks, Unknown):
        return State("unclear", disks.reason)
    found = [disk for disk in disks if disk.kind.lower().startswith(_NEED_ONE)]
    if found:
        return State("some", "; ".join(map(described, found)))
    return State("none", f"none of {len(disks)} data disks needs an Enhanced policy")


CONDITIONS: Final = (
    Condition(
        "enhanced_policy",
        ("in-use", "one", "none", "several", "unclear"),
        "Whether the VM's policy is an Enhanced one, otherwise how many the vault has; `unclear` "
        "if the policies cannot be read.",
        frozenset({Source.ITEM, Source.ENHANCED_POLICIES}),
        _enhanced_policy,
    ),
    Condition(
        "enhanced_disks",
        ("none", "some", "unclear"),
        "Data disks in the backup that need an Enhanced policy: Ultra Disk and Premium SSD v2.",
        frozenset({Source.ITEM, Source.VM, Source.DISKS}),
        _enhanced_disks,
    ),
)
