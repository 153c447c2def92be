"""Conditions about instant restore points."""

import re
from typing import Final

from remediator.conditions.condition import Condition, State
from remediator.facts import Facts, Known, Source, Unknown

RESTORE_POINT_LIMIT: Final = 18
"""The most instant restore points that Azure Backup keeps for one VM, in all collections and
groups.

Source: "Troubleshoot Azure Backup failure: issues with the agent or extension". The error tells
that the limit is reached. This number only decides how many points to delete, and only if nobody
gives another number.
"""

PLATFORM_LIMIT: Final = 500
"""The most restore points that Compute keeps for one VM, whoever made them ("Virtual machine
restore points"). Enhanced policies hold more than `RESTORE_POINT_LIMIT`: backups every four hours,
kept for 17 days, are 102."""

_SAID: Final = re.compile(r"(?:cannot|can't|can’t) exceed (\d{2,4})\b|不能超过\s*(\d{2,4})\s*个")


def restore_point_limit(facts: Facts) -> tuple[int, str]:
    """How many instant restore points this VM may have, and the source of this number.

    The documented number is of standard policies. Enhanced ones hold more. If there are more, and
    the error names no number, their present count is the limit. A number in the error counts only
    if it is not lower than the documented one. So no text can cause more deletions.
    """
    if told := facts.settings.restore_point_limit:
        return told, f"{told} by --restore-point-limit"
    texts = (facts.failure.message, facts.job.dynamic_error_message or "")
    said = [int(a or b) for text in texts for a, b in _SAID.findall(text)]
    if said and max(said) >= RESTORE_POINT_LIMIT:
        return max(said), f"{max(said)} as the error says"
    count = len(facts.points.value) if isinstance(facts.points, Known) else 0
    if count > RESTORE_POINT_LIMIT:
        return count, f"{count}: as many as there are, more than the documented number"
    if isinstance(facts.policy, Known) and facts.policy.value.enhanced:
        return PLATFORM_LIMIT, (
            f"Compute's {PLATFORM_LIMIT}, because the policy is an enhanced one "
            f"({facts.policy.source})"
        )
    return RESTORE_POINT_LIMIT, str(RESTORE_POINT_LIMIT)


def _restore_points(facts: Facts) -> State | Unknown:
    match facts.points:
        case Unknown() as unknown:
            return unknown
        case Known(value=points, source=source):
            count = len(points)
            limit, who = restore_point_limit(facts)
            explained = _explained(facts, count)
            told = f"{count} instant restore points ({source}), limit {who}{explained}"
            if count == 0:
                return State("none", told)
            return State("full" if count >= limit else "room", told)


def _explained(facts: Facts, count: int) -> str:
    """What the policy says of so many points. Empty if it says nothing."""
    most = facts.policy.value.most_points if isinstance(facts.policy, Known) else None
    if most is None:
        return ""
    told = f"; its policy explains {most} at most"
    others = "the clean-up is late, or another product makes restore points"
    return f"{told}: {others}" if count > most else told


CONDITIONS: Final = (
    Condition(
        "restore_points",
        ("none", "room", "full"),
        f"Instant restore points of the VM; `full` from {RESTORE_POINT_LIMIT} on "
        f"({PLATFORM_LIMIT} under an enhanced policy), or from the limit that the operator or the "
        "error names.",
        frozenset({Source.POINTS, Source.POLICY}),
        _restore_points,
    ),
)
