"""Conditions about the vault's protection of the VM."""

from typing import Final

from remediator.conditions.condition import Condition, State
from remediator.facts import Absent, Facts, Known, ProtectedItem, Source, Unknown


def _protection(facts: Facts) -> State | Unknown:
    match facts.item:
        case Unknown() as unknown:
            return unknown
        case Absent(source=source):
            return State("absent", f"the vault does not protect this VM ({source})")
        case Known(value=item, source=source):
            if item.deleted:
                return State("deleted", f"deleted, and can still be brought back ({source})")
            word = "protected" if is_protected(item) else "stopped"
            return State(word, f"protectionState {item.state} ({source})")


def is_protected(item: ProtectedItem) -> bool:
    """Whether the vault backs the VM up now. Then an on-demand backup is possible."""
    active = ("protected", "irpending", "protectionerror")
    return not item.deleted and item.state.lower() in active


def _discovered(facts: Facts) -> State | Unknown:
    match facts.protectable:
        case Unknown() as unknown:
            return unknown
        case Absent(source=source):
            return State("no", f"the vault does not list the VM as protectable ({source})")
        case Known(source=source):
            return State("yes", f"the vault lists the VM as protectable ({source})")


CONDITIONS: Final = (
    Condition(
        "protection",
        ("protected", "stopped", "deleted", "absent"),
        "Whether the vault backs the VM up now; `deleted` while it can still be brought back.",
        frozenset({Source.ITEM}),
        _protection,
    ),
    Condition(
        "discovered",
        ("yes", "no"),
        "Whether the vault lists the VM as one that it could protect.",
        frozenset({Source.PROTECTABLE}),
        _discovered,
    ),
)
