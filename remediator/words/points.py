"""Words about instant restore points."""

from typing import Final

from remediator.facts import Facts, Known, Source, Unknown
from remediator.words.named import NamedFact, Word

RESTORE_POINT_LIMIT: Final = 18
"""Instant restore points that Azure Backup keeps for one VM, over all collections and groups.

From "Troubleshoot Azure Backup failure: issues with the agent or extension". Enhanced policies
hold more, so this only decides how many to clear; *that* the limit is reached the error says.
"""


def _restore_points(facts: Facts) -> Word | Unknown:
    match facts.points:
        case Unknown() as unknown:
            return unknown
        case Known(value=points, source=source):
            count = len(points)
            told = f"{count} instant restore points, limit {RESTORE_POINT_LIMIT} ({source})"
            if count == 0:
                return Word("none", told)
            return Word("full" if count >= RESTORE_POINT_LIMIT else "room", told)


FACTS: Final = (
    NamedFact(
        "restore_points",
        ("none", "room", "full"),
        f"Instant restore points of the VM; `full` from {RESTORE_POINT_LIMIT} on.",
        frozenset({Source.POINTS}),
        _restore_points,
    ),
)
