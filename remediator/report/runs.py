"""Runs as the state of runs tells of them."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import AwareDatetime

from remediator.language import marked
from remediator.plan.plan import Plan
from remediator.report.report import Report
from remediator.run.run import Entry
from remediator.value import Value


class RunState(StrEnum):
    """How far a run is."""

    WAITING = marked("waiting")
    """In the queue; no worker has begun it."""
    UNFINISHED = marked("unfinished")
    """Begun and not ended: it is running now, or was interrupted and can be resumed."""
    OWING = marked("not put back")
    """Ended, but its guard, which puts back what the run took off, has not, or could not: it is at
    work now, or what it has left undone can be resumed."""
    ENDED = marked("ended")
    """Ended with a report."""
    BROKEN = marked("broken")
    """Ended by a fault of the engine; its record says how far it came."""
    FOREIGN = marked("of another version")
    """Unfinished, and begun by a version whose runs this one cannot take up."""

    @property
    def open(self) -> bool:
        """Whether the run, or its guard, has not ended."""
        return self in (
            RunState.WAITING,
            RunState.UNFINISHED,
            RunState.OWING,
            RunState.FOREIGN,
        )

    @property
    def resumable(self) -> bool:
        """Whether something of it is left to do that was begun."""
        return self in (RunState.UNFINISHED, RunState.OWING)


class KnownRun(Value):
    """One run."""

    run_id: str
    state: RunState
    began: AwareDatetime
    touched: AwareDatetime
    worker: str | None
    """Whose process works, or worked, on it."""
    queued: bool
    """Whether it came from the workers' queue, and so is finished by workers."""
    guarded: bool = False
    """Whether a guard of it is at work, or was interrupted at its work."""
    version: str | None = None
    """Of the command that began it, as the engine knows it: whoever takes it up has the same."""
    payload: dict[str, Any]
    """What it was started with: plan and options."""
    result: dict[str, Any] | None
    """Its report."""
    error: str | None


class Story(Value):
    """The whole of a run."""

    schema_version: Literal["1"] = "1"
    run_id: str
    state: RunState
    began: AwareDatetime
    touched: AwareDatetime
    worker: str | None
    guarded: bool = False
    """Whether a guard of it is at work, or was interrupted at its work."""
    error: str | None
    plan: Plan
    entries: tuple[Entry, ...]
    """Of the stages that were gone through, in order; the one under way is in the record alone."""
    report: Report | None
