"""Conditions about the resource group that Azure Backup needs, and the policies that block it."""

from typing import Final

from remediator.conditions.condition import Condition, State
from remediator.facts import Facts, Known, Source, Unknown
from remediator.facts.backup_group import wanted_group


def _backup_group(facts: Facts) -> State | Unknown:
    group, demanded = wanted_group(facts), facts.tag_demands
    if isinstance(group, Unknown):
        return group
    match demanded:
        case Unknown() as unknown:
            return unknown
        case Known(value=told, source=source):
            unclear = "; ".join(f"not understood: {name}" for name in told.not_understood)
            if group.there:
                return State("ready", f"group {group.name} is there: {group.because}")
            if told.demands:
                tags = ", ".join(f"{d.tag} ({d.policy})" for d in told.demands)
                because = (
                    f"{group.name} does not exist, and policies demand tags: {tags} ({source})"
                )
                return State("missing", f"{because}; {unclear}" if unclear else because)
            if unclear:
                return State("unclear", f"{unclear} ({source})")
            return State("free", f"no policy was found that forbids the group ({source})")


CONDITIONS: Final = (
    Condition(
        "backup_group",
        ("free", "ready", "missing", "unclear"),
        "The next group of Azure Backup: `free` if Azure Backup can make it, `missing` if policies "
        "demand tags and it does not exist, `unclear` if a policy is not understood, `ready` if it "
        "exists.",
        frozenset({Source.VM, Source.POLICY, Source.GROUPS, Source.TAG_DEMANDS}),
        _backup_group,
    ),
)
