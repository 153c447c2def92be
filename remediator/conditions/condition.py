"""A condition: a name that `when:` may use. Its state follows from the facts, with a reason."""

from collections.abc import Callable
from dataclasses import dataclass

from remediator.facts import Facts, Source, Unknown


@dataclass(frozen=True, slots=True)
class State:
    """The state of a condition: one of its values, and why."""

    value: str
    because: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that a playbook's `when:` may name."""

    name: str
    values: tuple[str, ...]
    meaning: str
    sources: frozenset[Source]
    derive: Callable[[Facts], State | Unknown]
