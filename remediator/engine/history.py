"""The history of runs, read from the state. It can be read while another process uses the state."""

import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from dbos import DBOSClient
from sqlalchemy import delete, select

from remediator.engine.durable import QUEUE, VERSION
from remediator.engine.rows import GUARD, OPEN, RUN, begun_with, guard_of, rows_of, run_of, told_by
from remediator.engine.serializer import SignedJson, refuse_unsigned
from remediator.engine.state import check_sqlite, signing_key, unusable
from remediator.errors import BadInputError, StateError
from remediator.record.records import read_record
from remediator.record.state import State
from remediator.report.runs import KnownRun, RunState
from remediator.run.leases import entries_of
from remediator.run.owing import owing, plan_in
from remediator.run.run import Entry

_STATES: Final = {
    "PENDING": RunState.UNFINISHED,
    "ENQUEUED": RunState.WAITING,
    "DELAYED": RunState.WAITING,
    "SUCCESS": RunState.ENDED,
}


_AT_A_TIME: Final = 50
"""How many runs are in memory when all are read one after the other. A plan with thousands of
restore points has some millions of bytes."""


class History:
    """Reads runs, but resumes none."""

    def __init__(self, state: State) -> None:
        """A reader of a state.

        Raises:
            StateError: there is no such state, or it cannot be read.
        """
        if not state.shared:
            check_sqlite()
            if state.file is not None and not state.file.exists():
                raise StateError(f"no runs in {state.shown}")
        refuse_unsigned()
        # Errors of DBOS about a row are told here instead, in one line.
        logging.getLogger("dbos").setLevel(logging.CRITICAL)
        self._state = state
        self._folder = state.folder
        serializer = SignedJson(signing_key(state.folder))
        try:
            self._client = DBOSClient(system_database_url=state.url, serializer=serializer)
        except Exception as error:
            raise unusable(state, "read", error) from error

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Tell in one line what is wrong with a state that cannot be read.

        Raises:
            StateError: the state cannot be read.
        """
        try:
            yield
        except StateError:
            raise
        except Exception as error:
            raise unusable(self._state, "read", error) from error

    def runs(self) -> tuple[KnownRun, ...]:
        """All runs, the newest first."""
        with self._reading():
            found = self._client.list_workflows(name=RUN, sort_desc=True, load_output=True)
            guarded = self._guarded()
        return tuple(self._owing(_known(row, guarded)) for row in found)

    def begun_since(self, since: datetime) -> Iterator[KnownRun]:
        """The runs that were begun since a moment, the oldest first. Few are in memory at a time.

        Whether an ended run still owes something is not looked at.
        """
        with self._reading():
            guarded = self._guarded()
        at = 0
        while True:
            with self._reading():
                found = self._client.list_workflows(
                    name=RUN, start_time=since.isoformat(), limit=_AT_A_TIME, offset=at
                )
            yield from (_known(row, guarded) for row in found)
            if len(found) < _AT_A_TIME:
                return
            at += _AT_A_TIME

    def run(self, run_id: str) -> KnownRun | None:
        """One run. None if no run has this id."""
        with self._reading():
            found = self._client.list_workflows(workflow_ids=[run_id], load_output=True)
            guarded = self._guarded()
        rows = (row for row in found if row.name == RUN)
        return next((self._owing(_known(row, guarded)) for row in rows), None)

    def _owing(self, run: KnownRun) -> KnownRun:
        """The run, marked as owing if it still owes something after it and its guards have ended.

        The entries are read only if something may be owed: the report names something, or there is
        no report.
        """
        report = (run.result or {}).get("report")
        told = json.loads(report) if report else {}
        named = told.get("locks_owed") or told.get("power_owed")
        if run.state.open or not run.payload.get("owes") or not (named or run.error):
            return run
        try:
            entries = entries_of(row for _, rows in self.stages(run.run_id) for row in rows or ())
            plan, of_guards = plan_in(entries), self._of_guards(run)
        except StateError:
            return run  # the error is told when the run's story is read
        if plan is None or not owing(plan, entries, of_guards, self._recorded(run)):
            return run
        foreign = run.state is RunState.FOREIGN
        return run if foreign else run.model_copy(update={"state": RunState.OWING})

    def _of_guards(self, run: KnownRun) -> tuple[Entry, ...]:
        """The entries of the run's guards about what they put back."""
        with self._reading():
            guards = self._client.list_workflows(
                name=GUARD,
                workflow_id_prefix=guard_of(run.run_id),
                load_input=False,
                load_output=False,
            )
            ids = [row.workflow_id for row in guards if run_of(row.workflow_id) == run.run_id]
            steps = [step for each in ids for step in self._client.list_workflow_steps(each)]
        return entries_of(rows_of(step["output"] for step in told_by(steps)))

    def _recorded(self, run: KnownRun) -> tuple[Entry, ...]:
        """The entries of the run's record, if it is in this folder.

        It also tells what a person put back.
        """
        try:
            return read_record(self._folder / "runs" / f"{run.run_id}.jsonl")[1]
        except BadInputError:
            return ()

    def _guarded(self) -> frozenset[str]:
        """The runs whose guards have not ended."""
        found = self._client.list_workflows(
            name=GUARD, status=OPEN, load_input=False, load_output=False
        )
        return frozenset(run_of(row.workflow_id) for row in found)

    def stages(self, run_id: str) -> tuple[tuple[str, Any], ...]:
        """The result of each stage of a run, in order."""
        with self._reading():
            steps = self._client.list_workflow_steps(run_id)
        return tuple((step["function_name"], step["output"]) for step in steps)

    def forget(self, run_ids: Iterable[str]) -> None:
        """Delete runs, their guards, and the versions that no run has any more."""
        ids = frozenset(run_ids)
        guards = self._client.list_workflows(name=GUARD, load_input=False, load_output=False)
        theirs = [row.workflow_id for row in guards if run_of(row.workflow_id) in ids]
        self._client.delete_workflows([*ids, *theirs])
        self._forget_versions()

    def _forget_versions(self) -> None:
        """Delete the versions of deleted runs: DBOS keeps every version that it ever saw.

        DBOS has no call for this. Whether a run may be resumed depends on the run's own row.
        """
        database = self._client._sys_db  # noqa: SLF001 - DBOS has no call for that
        versions = database.tables.application_versions.c.version_name
        left = database.tables.workflow_status.c.application_version
        gone = versions.not_in(select(left).where(left.is_not(None)))
        with database.engine.begin() as connection:
            connection.execute(
                delete(database.tables.application_versions).where(versions.like("%.run%"), gone)
            )

    def close(self) -> None:
        """Close the database."""
        self._client.destroy()


def _known(row: Any, guarded: frozenset[str]) -> KnownRun:
    state = _STATES.get(row.status, RunState.BROKEN)
    guard = row.workflow_id in guarded
    if not state.open and guard:
        state = RunState.OWING
    if state is RunState.WAITING and row.queue_name != QUEUE:
        # A process resumed it through a queue of the engine's own, and died before the run began.
        state = RunState.UNFINISHED
    if state.resumable and str(row.app_version).split(".")[0] != VERSION:
        state = RunState.FOREIGN
    return KnownRun(
        run_id=row.workflow_id,
        state=state,
        began=datetime.fromtimestamp((row.created_at or 0) / 1000, UTC),
        touched=datetime.fromtimestamp((row.updated_at or 0) / 1000, UTC),
        worker=row.executor_id,
        guarded=guard,
        queued=row.queue_name == QUEUE,
        version=row.app_version,
        payload=begun_with(row),
        result=row.output if isinstance(row.output, dict) else None,
        error=str(row.error) if row.error else None,
    )
