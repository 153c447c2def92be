"""Assumption: a sentence about Azure that the tool or simulator relies on, and its judgement.

Only recorded answers judge an assumption: they confirm it, refute it, or do not tell. One answer
against it is enough.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from remediator.assumptions.seen import Seen
from remediator.value import Value

T = TypeVar("T")


class Verdict(StrEnum):
    """The verdict of the answers on an assumption."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    NOT_SEEN = "not seen"


class Area(StrEnum):
    """The subject of an assumption, in the order in which they are shown."""

    JOBS = "jobs"
    FAILURES = "failures"
    PROTECTION = "protection"
    OPERATIONS = "operations"
    ERRORS = "errors"
    LOCKS = "locks"
    MACHINES = "machines"
    RESTORE_POINTS = "restore points"
    WIRE = "ids, times, headers"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many answers support an assumption, and how many do not."""

    holds: int
    breaks: int
    detail: str = ""
    """The values that were seen, such as the words of an enumeration with their numbers."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """One assumption."""

    name: str
    area: Area
    says: str
    """The assumption, as one sentence."""
    matters: str
    """Why it matters, such as what goes wrong if it is not true."""
    look: Callable[[Seen], Counts]


class Judged(Value):
    """An assumption with its verdict."""

    name: str
    area: Area
    says: str
    matters: str
    verdict: Verdict
    holds: int
    """How many answers, rows or values support it."""
    breaks: int
    """How many speak against it."""
    detail: str


def judge(assumption: Assumption, seen: Seen) -> Judged:
    """The verdict from the recorded answers."""
    counts = assumption.look(seen)
    verdict = Verdict.NOT_SEEN
    if counts.breaks:
        verdict = Verdict.REFUTED
    elif counts.holds:
        verdict = Verdict.CONFIRMED
    return Judged(
        name=assumption.name,
        area=assumption.area,
        says=assumption.says,
        matters=assumption.matters,
        verdict=verdict,
        holds=counts.holds,
        breaks=counts.breaks,
        detail=counts.detail,
    )


def every(
    things: Iterable[T], true: Callable[[T], bool], told: Callable[[T], str] | None = None
) -> Counts:
    """The counts of a thing that should always be true. `told` names the values worth counting."""
    seen = list(things)
    holds = sum(1 for thing in seen if true(thing))
    words = Counter(told(thing) for thing in seen) if told else Counter[str]()
    return Counts(holds, len(seen) - holds, in_words(words))


def some(things: Iterable[object], detail: str = "") -> Counts:
    """The counts of a thing that may occur. Neither its absence nor anything else refutes it."""
    return Counts(sum(1 for _ in things), 0, detail)


def in_words(words: Counter[str]) -> str:
    """The counted words, the most frequent first; at most six."""
    shown = ", ".join(f"{word or 'none'} {count}" for word, count in words.most_common(6))
    return shown + (", ..." if len(words) > 6 else "")
