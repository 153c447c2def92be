"""Words about how the vault protects the VM."""

from typing import Final

from remediator.facts import Absent, Facts, Known, ProtectedItem, Source, Unknown
from remediator.words.named import NamedFact, Word


def _protection(facts: Facts) -> Word | Unknown:
    match facts.item:
        case Unknown() as unknown:
            return unknown
        case Absent(source=source):
            return Word("absent", f"the vault protects no such VM ({source})")
        case Known(value=item, source=source):
            if item.deleted:
                return Word("deleted", f"deleted, and can still be brought back ({source})")
            word = "protected" if is_protected(item) else "stopped"
            return Word(word, f"protectionState {item.state} ({source})")


def is_protected(item: ProtectedItem) -> bool:
    """Whether the vault backs the VM up now, so that an on-demand backup is possible."""
    active = ("protected", "irpending", "protectionerror")
    return not item.deleted and item.state.lower() in active


FACTS: Final = (
    NamedFact(
        "protection",
        ("protected", "stopped", "deleted", "absent"),
        "Whether the vault backs the VM up now; `deleted` while it can still be brought back.",
        frozenset({Source.ITEM}),
        _protection,
    ),
)
