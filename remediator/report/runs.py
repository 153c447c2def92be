"""Runs, as the state of runs tells them."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import AwareDatetime

from remediator.language import marked
from remediator.plan.plan import Plan
from remediator.report.report import Report
from remediator.run.run import Entry
from remediator.value import Value


class RunState(StrEnum):
    """The state of a run."""

    WAITING = marked("waiting")
    """In the queue; no worker has begun it."""
    UNFINISHED = marked("unfinished")
    """Begun and not ended. It is running now, or it was interrupted and can be resumed."""
    OWING = marked("not put back")
    """Ended, but its guard of a run has not put everything back.

    The guard is working now, or it failed or was interrupted. In these cases the run can be
    resumed.
    """
    ENDED = marked("ended")
    """Ended with a report."""
    BROKEN = marked("broken")
    """Ended by a fault of the engine. Its record says how far it came."""
    FOREIGN = marked("of another version")
    """Unfinished, and begun by another version. This version cannot resume it."""

    @property
    def open(self) -> bool:
        """Whether the run, or its guard of a run, has not ended."""
        return self in (
            RunState.WAITING,
            RunState.UNFINISHED,
            RunState.OWING,
            RunState.FOREIGN,
        )

    @property
    def resumable(self) -> bool:
        """Whether the run, or its guard of a run, began something that is not finished."""
        return self in (RunState.UNFINISHED, RunState.OWING)


class KnownRun(Value):
    """One run."""

    run_id: str
    state: RunState
    began: AwareDatetime
    touched: AwareDatetime
    worker: str | None
    """The process that works or worked on the run."""
    queued: bool
    """Whether the run came from the workers' queue. Then workers finish it."""
    guarded: bool = False
    """Whether a guard of this run is working, or was interrupted."""
    version: str | None = None
    """The version of the command that began the run, as the engine knows it.

    Only a command of the same version can resume the run.
    """
    payload: dict[str, Any]
    """What the run was started with: plan and options."""
    result: dict[str, Any] | None
    """What the run returned: its report, or why its plan was stale."""
    error: str | None


class Story(Value):
    """All that is known of a run."""

    schema_version: Literal["1"] = "1"
    run_id: str
    state: RunState
    began: AwareDatetime
    touched: AwareDatetime
    worker: str | None
    guarded: bool = False
    """Whether a guard of this run is working, or was interrupted."""
    error: str | None
    plan: Plan
    entries: tuple[Entry, ...]
    """The entries of the finished stages, in order.

    Those of a running stage are only in the record.
    """
    report: Report | None
