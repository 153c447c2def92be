"""Former runs, as the state tells them: their plans, stages and reports."""

from collections.abc import Iterable

from remediator.errors import BadInputError, RemediateError, StateError
from remediator.flow.ports import History
from remediator.plan.plan import Plan, parse_plan
from remediator.report.report import Report
from remediator.report.runs import KnownRun, Story
from remediator.run.leases import entries_of


def plan_of(run: KnownRun) -> Plan:
    """The plan that a run applies.

    Raises:
        StateError: the state of the run cannot be read.
        PlanFileError: the state holds no plan that this version reads.
    """
    if not run.payload:
        raise StateError(
            "its state is damaged, or was written with another key (the key is "
            "REMEDIATE_STATE_KEY, or state.key beside the state). To put its locks back from "
            "its record: "
            f"remediate restore-locks {run.run_id}"
        )
    return parse_plan(str(run.payload.get("plan", "")), f"the plan of {run.run_id}")


def story_of(history: History, run: KnownRun) -> Story:
    """All about a run: its plan, the entries of its stages, its report.

    Raises:
        StateError: as for `plan_of`.
        PlanFileError: as for `plan_of`.
    """
    entries = entries_of(row for _, rows in history.stages(run.run_id) for row in rows or ())
    report = (run.result or {}).get("report")
    return Story(
        run_id=run.run_id,
        state=run.state,
        began=run.began,
        touched=run.touched,
        worker=run.worker,
        guarded=run.guarded,
        error=run.error or (run.result or {}).get("stale"),
        plan=plan_of(run),
        entries=entries,
        report=Report.model_validate_json(report) if report else None,
    )


def stories_of(
    history: History, runs: Iterable[KnownRun]
) -> tuple[list[tuple[KnownRun, Story]], list[str]]:
    """The stories of runs. A run that cannot be read is named and does not stop the others.

    Returns:
        The runs with their stories, and a line for each run that has none.
    """
    told, unread = [], []
    for run in runs:
        try:
            told.append((run, story_of(history, run)))
        except RemediateError as error:
            unread.append(f"{run.run_id} cannot be shown: {error}")
    return told, unread


def known(history: History, run_id: str) -> KnownRun:
    """A run by its id.

    Raises:
        BadInputError: there is no such run.
    """
    found = history.run(run_id)
    if found is None:
        raise BadInputError(f"no run {run_id!r}; see remediate runs list")
    return found
