"""Check: a question about one VM's backup health, answered from what was read."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from remediator.facts import Absent, Readings, Source, Thing, Unknown
from remediator.language import marked
from remediator.value import Value


class Status(StrEnum):
    """How a check came out. Unknown is neither well nor ill."""

    PASS = "pass"  # noqa: S105 - not a password
    FAIL = "fail"
    UNKNOWN = "unknown"


class Area(StrEnum):
    """What a check is about, in the order in which Microsoft's article goes through them."""

    VM = marked("virtual machine")
    AGENT = marked("VM agent")
    EXTENSIONS = marked("extensions")
    PROTECTION = marked("protection")
    RESTORE_POINTS = marked("restore points")
    JOBS = marked("jobs")
    SCHEDULE = marked("schedule")
    DISKS = marked("disks")
    NETWORK = marked("network")
    LOAD = marked("load")
    RESTORE = marked("restore")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a check found. `text` and `advice` are templates, so that they can be translated."""

    status: Status
    text: str
    values: dict[str, str]
    evidence: str
    """The request it was read by; empty when nothing could be read."""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One check."""

    name: str
    area: Area
    title: str
    """The question, as a statement that should be true."""
    needs: frozenset[Source]
    look: Callable[[Readings], Answer]
    of_restore: bool = False
    """Whether it asks about a failed restore; without one, nobody asks it."""


class Finding(Value):
    """A check's result, as data."""

    check: str
    area: str
    title: str
    status: Status
    text: str
    """With `{name}` for each of `values`."""
    values: dict[str, str]
    evidence: str
    advice: str


def passed(text: str, evidence: str, **values: object) -> Answer:
    """All is well here."""
    return Answer(Status.PASS, text, _strings(values), evidence)


def failed(text: str, evidence: str, advice: str, **values: object) -> Answer:
    """Something is wrong here, and what to do."""
    return Answer(Status.FAIL, text, _strings(values), evidence, advice)


def unknown(reason: str) -> Answer:
    """It could not be found out."""
    return Answer(Status.UNKNOWN, NOT_KNOWN, {"reason": reason}, "")


def left_open(text: str, evidence: str, **values: object) -> Answer:
    """What was read does not decide it; the text tells what there is."""
    return Answer(Status.UNKNOWN, text, _strings(values), evidence)


def not_there(fact: Thing[object], what: str) -> Answer:
    """For a thing that is unknown, or known not to exist where the check needs it."""
    match fact:
        case Unknown(reason=reason):
            return unknown(reason)
        case Absent(source=source):
            return Answer(Status.UNKNOWN, MISSING, {"what": what}, source)
        case _:
            raise TypeError(f"{what} is known")


NOT_KNOWN: Final = marked("not known: {reason}")
MISSING: Final = marked("there is no {what}")


def _strings(values: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}
