"""The events that the flow tells its listener."""

from dataclasses import dataclass

from remediator.facts import Lock
from remediator.plan.plan import Plan
from remediator.report.estate import EstateTarget
from remediator.report.report import Report
from remediator.run.run import Entry, PowerOwed, Waiting


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence that a person should know."""

    text: str
    passing: bool = False
    """Whether it only says how things go. Any other note is a warning."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A plan that may be applied now. Its run is about to begin."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class Seen:
    """An event of a run."""

    plan: Plan
    event: Entry | Waiting


@dataclass(frozen=True, slots=True)
class Finished:
    """The report of a run that has ended."""

    report: Report


@dataclass(frozen=True, slots=True)
class LockOff:
    """A lock that is off because of a run, and that should be on."""

    run_id: str
    lock: Lock


@dataclass(frozen=True, slots=True)
class PowerLeft:
    """A VM that a run has started or stopped, and not brought back."""

    run_id: str
    owed: PowerOwed


@dataclass(frozen=True, slots=True)
class Scanned:
    """How far a scan is."""

    target: EstateTarget | None
    """The VM that is known now. None when a subscription is done."""
    done: int
    """How many of the known VMs are planned."""
    known: int
    """How many VMs that need a look were found so far."""
    subscriptions_done: int
    subscriptions: int


Event = Scanned | Note | Admitted | Seen | Finished | LockOff | PowerLeft
