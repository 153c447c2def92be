"""Runs as the state of runs tells of them."""

from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime

from remediator.value import Value


class RunState(StrEnum):
    """How far a run is."""

    WAITING = "waiting"
    """In the queue; no worker has begun it."""
    UNFINISHED = "unfinished"
    """Begun and not ended: it is running now, or was interrupted and can be resumed."""
    ENDED = "ended"
    """Ended with a report."""
    BROKEN = "broken"
    """Ended by a fault of the engine; its record says how far it came."""
    FOREIGN = "of another version"
    """Unfinished, and begun by a version whose runs this one cannot take up."""


class KnownRun(Value):
    """One run."""

    run_id: str
    state: RunState
    began: AwareDatetime
    touched: AwareDatetime
    worker: str | None
    """Whose process works, or worked, on it."""
    payload: dict[str, Any]
    """What it was started with: plan and options."""
    result: dict[str, Any] | None
    """Its report."""
    error: str | None
