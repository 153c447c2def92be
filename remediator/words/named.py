"""What a named fact is: a word of `when:`, derived from what was read, with its because."""

from collections.abc import Callable
from dataclasses import dataclass

from remediator.facts import Facts, Source, Unknown


@dataclass(frozen=True, slots=True)
class Word:
    """What a named fact says now, and because of what."""

    value: str
    because: str


@dataclass(frozen=True, slots=True)
class NamedFact:
    """A fact that a playbook's `when:` may ask for."""

    name: str
    values: tuple[str, ...]
    meaning: str
    sources: frozenset[Source]
    derive: Callable[[Facts], Word | Unknown]
