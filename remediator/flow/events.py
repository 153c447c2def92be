"""What happens in the flow, as whoever listens is told."""

from dataclasses import dataclass

from remediator.facts import Lock
from remediator.plan.plan import Plan
from remediator.report.report import Report
from remediator.run.run import Entry, PowerOwed, Waiting


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a person should know, in a sentence."""

    text: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """A plan that nothing speaks against now; it is about to be applied."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class Seen:
    """Something that a run does."""

    plan: Plan
    event: Entry | Waiting


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that has ended, with its report."""

    report: Report


@dataclass(frozen=True, slots=True)
class LockOff:
    """A lock that a run has left off and that should be on."""

    run_id: str
    lock: Lock


@dataclass(frozen=True, slots=True)
class PowerLeft:
    """A VM that a run has left on or off, and that was not so before."""

    run_id: str
    owed: PowerOwed


Event = Note | Admitted | Seen | Finished | LockOff | PowerLeft
