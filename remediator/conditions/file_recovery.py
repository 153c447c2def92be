"""The condition about file recoveries that were left open on the VM's recovery points."""

from typing import Final

from remediator.conditions.condition import Condition, State
from remediator.facts import Facts, Known, Source, Unknown
from remediator.moments import shown


def _file_recovery(facts: Facts) -> State:
    match facts.recovery_points:
        case Unknown(reason=reason):
            return State("unclear", f"the recovery points are not known: {reason}")
        case Known(value=points, source=source):
            opened = ", ".join(shown(point.time) for point in points if point.in_use)
            if opened:
                return State("open", f"open on the points of {opened} ({source})")
            return State("none", f"none on its {len(points)} points ({source})")


CONDITIONS: Final = (
    Condition(
        "file_recovery",
        ("none", "open", "unclear"),
        "File recoveries on recovery points of this VM; `unclear` if the points cannot be read.",
        frozenset({Source.RECOVERY_POINTS}),
        _file_recovery,
    ),
)
