"""Rows of DBOS, as this tool reads them: which workflow is a run's, what it was begun with."""

from collections.abc import Iterable
from typing import Any, Final

from remediator.run.ledger import Rows

RUN: Final = "remediate"
"""A run's workflow, as the database names it."""

GUARD: Final = "guard"
"""The workflow that puts back what a run owes when that has ended."""

OPEN: Final = ["PENDING", "ENQUEUED", "DELAYED"]
"""What has not ended, in the engine's own words."""


def begun_with(row: Any) -> dict[str, Any]:
    """What a run was started with, as the engine lists it."""
    # A row that this tool did not write, or with another key, is handed on as the text it is.
    told = row.input if isinstance(row.input, dict) else {}
    arguments = told.get("args") or [{}]
    return arguments[0] if isinstance(arguments[0], dict) else {}


def guard_of(run_id: str, number: int = 1) -> str:
    """The id of a run's guard, or of a later one."""
    return f"guard-{run_id}" + (f".{number}" if number > 1 else "")


def run_of(workflow_id: str) -> str:
    """The run that a workflow is, or whose guard it is."""
    guarded = workflow_id.removeprefix(guard_of(""))
    return guarded if guarded == workflow_id else guarded.partition(".")[0]


def told_by(steps: Iterable[Any]) -> list[Any]:
    """The steps of a workflow that tell entries: all but what a guard has read of others."""
    return [step for step in steps if step["function_name"] != "stages"]


def rows_of(outputs: Iterable[Any]) -> Rows:
    """The rows that the stages of a run came to."""
    return [row for rows in outputs if isinstance(rows, list) for row in rows]
