"""Conditions about instant restore points."""

import re
from typing import Final

from remediator.conditions.condition import Condition, State
from remediator.facts import Facts, Known, Source, Unknown

RESTORE_POINT_LIMIT: Final = 18
"""Instant restore points that Azure Backup keeps for one VM, over all collections and groups.

From "Troubleshoot Azure Backup failure: issues with the agent or extension". *That* the limit is
reached the error says; this only decides how many to clear, and only where nobody says another.
"""

_SAID: Final = re.compile(r"(?:cannot|can't|can’t) exceed (\d{2,4})\b|不能超过\s*(\d{2,4})\s*个")


def restore_point_limit(facts: Facts) -> tuple[int, str]:
    """How many instant restore points this VM may have, and who says so.

    Enhanced policies hold more than the documented number: where more are there and the error
    names no number, the limit is what is there. An error's number counts only upwards, so that no
    text makes more be deleted.
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
    return RESTORE_POINT_LIMIT, str(RESTORE_POINT_LIMIT)


def _restore_points(facts: Facts) -> State | Unknown:
    match facts.points:
        case Unknown() as unknown:
            return unknown
        case Known(value=points, source=source):
            count = len(points)
            limit, who = restore_point_limit(facts)
            told = f"{count} instant restore points, limit {who} ({source})"
            if count == 0:
                return State("none", told)
            return State("full" if count >= limit else "room", told)


CONDITIONS: Final = (
    Condition(
        "restore_points",
        ("none", "room", "full"),
        f"Instant restore points of the VM; `full` from {RESTORE_POINT_LIMIT} on, or from the "
        "limit that the operator or the error names.",
        frozenset({Source.POINTS}),
        _restore_points,
    ),
)
