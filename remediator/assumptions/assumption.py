"""Assumption: a sentence about Azure that the tool or the simulator rests on, and how to judge it.

An assumption is judged by recorded answers alone: they bear it out, speak against it, or do not
tell. One answer against it is enough.
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
    """What the answers say of an assumption."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    NOT_SEEN = "not seen"


class Area(StrEnum):
    """What an assumption is about, in the order in which it is shown."""

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
    """How many answers bear an assumption out, and how many do not."""

    holds: int
    breaks: int
    detail: str = ""
    """What was seen in either, such as the words of an enumeration with their numbers."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """One assumption."""

    name: str
    area: Area
    says: str
    """What is taken for true, as one sentence."""
    matters: str
    """What goes wrong where it is not true."""
    look: Callable[[Seen], Counts]


class Judged(Value):
    """An assumption with its verdict."""

    name: str
    area: Area
    says: str
    matters: str
    verdict: Verdict
    holds: int
    """How many answers, rows or values bear it out."""
    breaks: int
    """How many speak against it."""
    detail: str


def judge(assumption: Assumption, seen: Seen) -> Judged:
    """The verdict of what was seen."""
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
    """The counts of what should be true of every thing; `told` names what is worth counting."""
    seen = list(things)
    holds = sum(1 for thing in seen if true(thing))
    words = Counter(told(thing) for thing in seen) if told else Counter[str]()
    return Counts(holds, len(seen) - holds, in_words(words))


def some(things: Iterable[object], detail: str = "") -> Counts:
    """The counts of what is only to be met: nothing speaks against it, and its absence neither."""
    return Counts(sum(1 for _ in things), 0, detail)


def in_words(words: Counter[str]) -> str:
    """What was counted, the most frequent first; at most six."""
    shown = ", ".join(f"{word or 'none'} {count}" for word, count in words.most_common(6))
    return shown + (", ..." if len(words) > 6 else "")
