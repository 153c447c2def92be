"""Check: a question about one VM's backup health, answered from the facts."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from remediator.facts import Absent, Readings, Source, Thing, Unknown
from remediator.language import marked
from remediator.value import Value


class Status(StrEnum):
    """The result of a check. Unknown means neither good nor bad."""

    PASS = "pass"  # noqa: S105 - not a password
    FAIL = "fail"
    UNKNOWN = "unknown"


class Area(StrEnum):
    """The subject of a check, in the order of Microsoft's article."""

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
    """The answer of a check. `text` and `advice` are templates, so that they can be translated."""

    status: Status
    text: str
    values: dict[str, str]
    evidence: str
    """The request that read the facts. Empty when nothing could be read."""
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
    """Whether the check is about a failed restore. Otherwise nobody asks it."""
    of_agent: bool = False
    """Whether only a backup through the VM agent depends on it. A policy that takes only
    crash-consistent points needs neither the agent, nor its extension, nor the guest's network."""
    only_by_name: bool = False
    """Whether only a playbook asks it. What it finds is no fault of a VM's backups."""


class Finding(Value):
    """A check's result, as data."""

    check: str
    area: str
    title: str
    status: Status
    text: str
    """It has `{name}` for each of `values`."""
    values: dict[str, str]
    evidence: str
    advice: str


def passed(text: str, evidence: str, **values: object) -> Answer:
    """The answer when all is well."""
    return Answer(Status.PASS, text, _strings(values), evidence)


def failed(text: str, evidence: str, advice: str, **values: object) -> Answer:
    """The answer when something is wrong, with advice."""
    return Answer(Status.FAIL, text, _strings(values), evidence, advice)


def unknown(reason: str) -> Answer:
    """The answer when the facts could not be read."""
    return Answer(Status.UNKNOWN, NOT_KNOWN, {"reason": reason}, "")


def left_open(text: str, evidence: str, **values: object) -> Answer:
    """The answer when the facts do not decide. The text tells the facts."""
    return Answer(Status.UNKNOWN, text, _strings(values), evidence)


def not_there(fact: Thing[object], what: str) -> Answer:
    """The answer for a thing that is unknown, or known to be absent although the check needs it."""
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
