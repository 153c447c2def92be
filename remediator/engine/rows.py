"""Rows of DBOS, as this tool reads them: which workflow is a run, and its starting data."""

from collections.abc import Iterable
from typing import Any, Final

from remediator.run.ledger import Rows

RUN: Final = "remediate"
"""The name of a run's workflow in the database."""

GUARD: Final = "guard"
"""The name of the workflow of a guard of a run: it puts back what the run owes at its end."""

OPEN: Final = ["PENDING", "ENQUEUED", "DELAYED"]
"""The states of a workflow that has not ended, in the engine's own words."""


def begun_with(row: Any) -> dict[str, Any]:
    """The data that a run was started with, as the engine lists it."""
    # A row that this tool did not write, or wrote with another key, stays a text. It tells nothing.
    told = row.input if isinstance(row.input, dict) else {}
    arguments = told.get("args") or [{}]
    return arguments[0] if isinstance(arguments[0], dict) else {}


def guard_of(run_id: str, number: int = 1) -> str:
    """The id of a run's first guard, or of a later one."""
    return f"guard-{run_id}" + (f".{number}" if number > 1 else "")


def run_of(workflow_id: str) -> str:
    """The run that a workflow is, or that it guards."""
    guarded = workflow_id.removeprefix(guard_of(""))
    return guarded if guarded == workflow_id else guarded.partition(".")[0]


def told_by(steps: Iterable[Any]) -> list[Any]:
    """The steps of a workflow that tell entries. A guard's reading of other stages does not."""
    return [step for step in steps if step["function_name"] != "stages"]


def rows_of(outputs: Iterable[Any]) -> Rows:
    """The rows of the stages of a run."""
    return [row for rows in outputs if isinstance(rows, list) for row in rows]
