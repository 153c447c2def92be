"""Conditions about the vault's protection of the VM."""

from typing import Final

from remediator.conditions.condition import Condition, State
from remediator.facts import Absent, Facts, Known, ProtectedItem, Readings, Source, Unknown

_STOPPED: Final = ("protectionstopped", "protectionpaused", "backupssuspended")
"""The states in which the vault keeps the data and makes no backups."""


def _protection(facts: Facts) -> State | Unknown:
    match facts.item:
        case Unknown() as unknown:
            return unknown
        case Absent(source=source):
            return State("absent", f"the vault does not protect this VM ({source})")
        case Known(value=item, source=source):
            if item.deleted:
                return State("deleted", f"deleted, and can still be brought back ({source})")
            told = f"protectionState {item.state} ({source})"
            if is_protected(item):
                return State("protected", told)
            if item.state.lower() in _STOPPED:
                return State("stopped", told)
            return Unknown(f"protectionState is {item.state} ({source})")


def is_protected(item: ProtectedItem) -> bool:
    """Whether the vault backs the VM up now. Then an on-demand backup is possible."""
    active = ("protected", "irpending", "protectionerror")
    return not item.deleted and item.state.lower() in active


def has_enhanced_policy(about: Readings) -> bool | Unknown:
    """Whether an Enhanced policy protects the VM.

    The item tells it, or else its policy does. A policy without a type is a Standard one: old ones
    were recorded so.
    """
    match about.item, about.policy:
        case Known(value=ProtectedItem(policy_type="V1" | "V2" as told)), _:
            return told == "V2"
        case (Unknown() as unknown, _) | (_, Unknown() as unknown):
            return unknown
        case _, Absent(source=source):
            return Unknown(f"the item has no policy that can be read ({source})")
        case _, Known(value=policy):
            return policy.enhanced


def _policy_type(facts: Facts) -> State | Unknown:
    enhanced = has_enhanced_policy(facts)
    if isinstance(enhanced, Unknown):
        return enhanced
    word = "enhanced" if enhanced else "standard"
    return State(word, f"the VM's backup policy is {word.capitalize()}")


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
        "policy_type",
        ("standard", "enhanced"),
        "Whether a Standard policy (V1) or an Enhanced one (V2) protects the VM.",
        frozenset({Source.ITEM, Source.POLICY}),
        _policy_type,
    ),
    Condition(
        "discovered",
        ("yes", "no"),
        "Whether the vault lists the VM as one that it could protect.",
        frozenset({Source.PROTECTABLE}),
        _discovered,
    ),
)
