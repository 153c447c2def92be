"""Runs on DBOS. It remembers each stage, so a run goes on no matter what killed its process."""

import asyncio
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from types import TracebackType
from typing import Any, Final, Self

from dbos import DBOS, DBOSConfig, SetEnqueueOptions, SetWorkflowID
from sqlalchemy.exc import SQLAlchemyError

from remediator.engine.dbos_ledger import DbosLedger
from remediator.engine.keeping import beginning, keeping, unkept
from remediator.engine.rows import GUARD, OPEN, RUN, begun_with, guard_of, rows_of, run_of, told_by
from remediator.engine.serializer import SignedJson, refuse_unsigned
from remediator.engine.state import (
    check_sqlite,
    only_one,
    signing_key,
    unusable,
)
from remediator.errors import StateError, UnwrittenError
from remediator.flow.ports import Body, PutBack
from remediator.record.state import State, make_folder
from remediator.run.ledger import Rows

VERSION: Final = "1"
"""The version of the order of a run's stages. It is raised only when that order changes.

Unfinished runs of another version are named, but never resumed.
"""

_THREADS: Final = 16
_LOOK: Final = 0.05
"""Seconds between two looks at whether a run has ended."""
_QUEUE_LOOK: Final = 0.2
"""Seconds between two looks at the queue."""

_FINAL: Final = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})
_DONE: Final = "done"
QUEUE: Final = "remediate-queue"
"""The queue that workers share."""


class Engine:
    """DBOS, launched for one process and ended with it.

    Runs execute on the event loop that enters the engine, so they share its session.
    """

    def __init__(
        self,
        state: State,
        body: Body,
        *,
        executor: str,
        put_back: PutBack | None = None,
        guard_looks: float = 30.0,
        serves: int = 0,
        queue: bool = False,
        version: str | None = None,
    ) -> None:
        """An engine.

        Args:
            state: where runs are remembered.
            body: the work of a run.
            executor: the name whose unfinished runs are resumed at the start. A single run has its
                own id as this name: no other process resumes it, and it resumes no other run.
            put_back: the work of the guard of a run, after the run has ended in any way.
            guard_looks: seconds between a guard's looks at its run. Normally the run tells its end.
            serves: how many queued runs this process works on at a time; 0 for none.
            queue: whether this process only puts runs into the queue.
            version: the version of the command that began the run `executor`, to resume it; None
                for new runs.
        """
        self._state = state
        self._body = body
        self._put_back = put_back
        self._guard_looks = guard_looks
        self._executor = executor
        self._serves = serves
        # DBOS gives a workflow only to processes of its own version. So no other command ever picks
        # up a run that this command began: the other command may work on another cloud.
        own = VERSION if serves or queue else f"{VERSION}.{executor}"
        self._version = version or own
        # Resumed runs go through a queue of their own, which no other process looks at.
        self._taking_up = f"take-up-{executor}" if version else None
        self._registered = False
        self._held = ExitStack()
        self._told = asyncio.Event()
        self.unwritten: UnwrittenError | None = None
        """Why this process left a run or its guard unfinished. None if it left none."""

        async def run(payload: dict[str, Any]) -> dict[str, Any]:
            with self._unfinished_where_unwritten():
                return await self._live(payload)

        async def guard(run_id: str, again: bool = False) -> dict[str, Any]:
            with self._unfinished_where_unwritten():
                return await self._watch(run_id, again=again)

        # DBOS marks the functions that it gets. It cannot mark methods.
        self._run = run
        self._guard = guard

    async def _live(self, payload: dict[str, Any]) -> dict[str, Any]:
        # A name for this execution: a process may get back a run that it already has under way.
        ledger = DbosLedger(f"{os.getpid()}-{secrets.token_hex(4)}", self._state)
        run_id = DBOS.workflow_id or ""
        if not payload.get("owes") or self._put_back is None:
            return await self._body(run_id, ledger, payload)
        # The guard of the run starts before anything is taken off. It outlives whatever ends this
        # workflow.
        with SetWorkflowID(guard_of(run_id)):
            await DBOS.start_workflow_async(self._guard, run_id)
        ended = True
        try:
            return await self._body(run_id, ledger, payload)
        except (asyncio.CancelledError, UnwrittenError):
            ended = False  # this process ends, but not the run: its guard goes on waiting
            raise
        finally:
            if ended:
                await DBOS.send_async(guard_of(run_id), _DONE, topic=_DONE)

    async def _watch(self, run_id: str, *, again: bool) -> dict[str, Any]:
        # An answer of the engine inside a workflow becomes a step, and a step's result must be
        # JSON. So the engine is asked inside our own steps, which return JSON.
        async def ended() -> bool:
            handle: Any = await DBOS.retrieve_workflow_async(run_id)
            return (await handle.get_status()).status in _FINAL

        # A further guard does not wait: its run has already ended.
        looks = self._guard_looks
        while not again and await DBOS.recv_async(_DONE, timeout_seconds=looks) is None:
            if await DBOS.run_step_async({"name": "look"}, ended):
                break
        rows = await DBOS.run_step_async({"name": "stages"}, partial(self._rows, run_id))
        assert self._put_back is not None  # noqa: S101 - a guard only starts with it
        made = partial(self._put_back, run_id, rows)
        return {"rows": await DBOS.run_step_async({"name": "put back"}, made)}

    async def __aenter__(self) -> Self:
        """Launch DBOS.

        Raises:
            StateError: another process uses the state, or this Python cannot use it.
        """
        if not self._state.shared:
            check_sqlite()
        make_folder(self._state.folder)
        self._held.enter_context(only_one(self._state))
        self._held.enter_context(_private_files())
        refuse_unsigned()
        DBOS(config=_config(self._state, self._version, self._executor))
        self._run = DBOS.workflow(name=RUN)(self._run)
        self._guard = DBOS.workflow(name=GUARD)(self._guard)
        try:
            if not self._serves:
                DBOS.listen_queues([self._taking_up] if self._taking_up else [])
            DBOS.launch()
            if self._serves:
                await DBOS.register_queue_async(
                    QUEUE,
                    worker_concurrency=self._serves,
                    partition_concurrency=self._serves,
                    polling_interval_sec=_QUEUE_LOOK,
                    on_conflict="always_update",
                )
        except Exception as error:
            self._held.close()
            raise unusable(self._state, "used", error) from error
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._taking_up and self._registered:
            with suppress(Exception):  # it was only needed to resume the run
                await DBOS.delete_queue_async(self._taking_up)
        DBOS.destroy(destroy_registry=True)
        self._held.close()

    @contextmanager
    def _unfinished_where_unwritten(self) -> Iterator[None]:
        """Leave a workflow unfinished if it cannot be written down.

        The code that waits for it is told. DBOS keeps every other end of a workflow. It leaves a
        cancelled workflow as it is.
        """
        if task := asyncio.current_task():
            task.add_done_callback(self._kept)
        try:
            with keeping(self._state):
                yield
        except UnwrittenError as error:
            self._tell(error)
            raise asyncio.CancelledError from error

    def _kept(self, task: asyncio.Task[Any]) -> None:
        """Check whether DBOS could keep the result of a workflow."""
        error = None if task.cancelled() else task.exception()
        if isinstance(error, SQLAlchemyError):
            self._tell(unkept(self._state, error))

    def _tell(self, error: UnwrittenError) -> None:
        self.unwritten = self.unwritten or error
        self._told.set()

    async def start(self, run_id: str, payload: dict[str, Any]) -> None:
        """Begin a run. If a run of this id was begun before, nothing happens.

        Raises:
            StateError: the state cannot be written, so the run is not begun.
        """
        with beginning(self._state), SetWorkflowID(run_id):
            await DBOS.start_workflow_async(self._run, payload)

    async def enqueue(self, run_id: str, payload: dict[str, Any], *, partition: str) -> None:
        """Put a run into the queue that workers share.

        Raises:
            StateError: the state cannot be written, so the run is not in the queue.
        """
        named = SetWorkflowID(run_id)
        with beginning(self._state), named, SetEnqueueOptions(queue_partition_key=partition):
            await DBOS.enqueue_workflow_async(QUEUE, self._run, payload)

    async def result(self, run_id: str) -> dict[str, Any]:
        """The result of a run or a guard, once it has ended.

        Raises:
            UnwrittenError: the workflow is unfinished, because it cannot write down what it does.
            StateError: the workflow ended with an error of the engine.
        """
        handle: Any = await DBOS.retrieve_workflow_async(run_id)
        ended = asyncio.ensure_future(handle.get_result(polling_interval_sec=_LOOK))
        told = asyncio.ensure_future(self._told.wait())
        try:
            await asyncio.wait({ended, told}, return_when=asyncio.FIRST_COMPLETED)
            if self.unwritten and not ended.done():
                raise self.unwritten
            found: dict[str, Any] = await ended
            return found
        finally:
            ended.cancel()
            told.cancel()

    async def returned(self, run_id: str) -> Rows:
        """The rows of a run's guards, once they have ended. Empty if the run has no guard.

        Raises:
            UnwrittenError: as for `result`.
            StateError: as for `result`, but only for the last guard: each guard does what the
                earlier ones have not done.
        """
        rows: Rows = []
        guards = await self._guards(run_id)
        for guard in guards:
            try:
                rows += (await self.result(guard))["rows"]
            except UnwrittenError:
                raise
            except StateError:
                if guard == guards[-1]:
                    raise
        return rows

    async def guard_again(self, run_id: str) -> None:
        """Begin another guard for a run that still owes something after its guards have ended.

        Raises:
            StateError: the state cannot be written, so the guard is not begun.
        """
        number = len(await self._guards(run_id)) + 1
        with beginning(self._state), SetWorkflowID(guard_of(run_id, number)):
            await DBOS.start_workflow_async(self._guard, run_id, True)

    async def _rows(self, run_id: str) -> Rows:
        """The rows of all stages of a run and of its guards."""
        found: Rows = []
        for each in (run_id, *await self._guards(run_id)):
            steps = await DBOS.list_workflow_steps_async(each)
            found += rows_of(step["output"] for step in told_by(steps))
        return found

    async def _guards(self, run_id: str) -> list[str]:
        """The ids of a run's guards. The first guard comes first."""
        found = await DBOS.list_workflows_async(
            name=GUARD,
            workflow_id_prefix=guard_of(run_id),
            load_input=False,
            load_output=False,
        )
        return [row.workflow_id for row in found if run_of(row.workflow_id) == run_id]

    async def take_up(self, run_id: str) -> None:
        """Go on with a run and its guards that another command began under another name.

        The engine resumes the runs of its own name already when it is launched.
        """
        found = await DBOS.list_workflows_async(
            workflow_ids=[run_id, *await self._guards(run_id)],
            status=OPEN,
            load_input=False,
            load_output=False,
        )
        theirs = [row for row in found if row.executor_id != self._executor]
        if not (self._taking_up and (theirs or any(row.queue_name for row in found))):
            return
        with beginning(self._state):
            await DBOS.register_queue_async(
                self._taking_up, polling_interval_sec=_QUEUE_LOOK, on_conflict="always_update"
            )
            self._registered = True
            pending = [row.workflow_id for row in theirs if row.status == "PENDING"]
            if pending:
                await DBOS.resume_workflows_async(pending, queue_name=self._taking_up)

    async def take_over(self, executor: str) -> tuple[str, ...]:
        """Take over the unfinished runs, with their guards, of a process that is known dead."""
        found = await DBOS.list_workflows_async(
            status="PENDING",
            executor_id=executor,
            app_version=VERSION,
            load_input=False,
            load_output=False,
        )
        queues: dict[str | None, list[str]] = {}
        for row in found:
            queues.setdefault(row.queue_name, []).append(row.workflow_id)
        for queue, ids in queues.items():
            await DBOS.resume_workflows_async(ids, queue_name=queue)
        return tuple(row.workflow_id for row in found if row.name == RUN)

    async def unfinished(self) -> int:
        """How many runs and guards have not ended. They are in the queue or under way."""
        found = await DBOS.list_workflows_async(status=OPEN, load_input=False, load_output=False)
        return len(found)

    async def begun(self) -> tuple[tuple[str, dict[str, Any]], ...]:
        """The runs that were begun or queued and have not ended: each id with its starting data.

        A run counts too if only its guard has not ended.
        """
        left = await DBOS.list_workflows_async(status=OPEN, load_input=False, load_output=False)
        if not left:
            return ()
        ids = sorted({run_of(row.workflow_id) for row in left})
        found = await DBOS.list_workflows_async(name=RUN, workflow_ids=ids, load_output=False)
        return tuple((row.workflow_id, begun_with(row)) for row in found)

    async def others(self) -> frozenset[str]:
        """The other workers that have unfinished runs."""
        found = await DBOS.list_workflows_async(
            status="PENDING", app_version=VERSION, load_input=False, load_output=False
        )
        return frozenset(row.executor_id for row in found if row.executor_id) - {self._executor}


@contextmanager
def _private_files() -> Iterator[None]:
    """Make new files readable for their owner only, such as the database."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _config(state: State, version: str, executor: str) -> DBOSConfig:
    return {
        "name": "remediate",
        "system_database_url": state.url,
        "application_version": version,
        "executor_id": executor,
        "serializer": SignedJson(signing_key(state.folder)),
        "max_executor_threads": _THREADS,
        "log_level": "CRITICAL",
        "notification_listener_polling_interval_sec": _LOOK,
    }
