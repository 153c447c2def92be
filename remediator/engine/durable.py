"""Runs on DBOS: remembered stage by stage, taken up again after whatever killed the process."""

import os
import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Any, Final, Self

from dbos import DBOS, DBOSConfig, SetWorkflowID

from remediator.engine.serializer import SignedJson, refuse_unsigned
from remediator.engine.state import State, check_sqlite, make_folder, only_one, signing_key
from remediator.errors import StateError
from remediator.ledger import Ledger, Rows, Stage

VERSION: Final = "1"
"""Raised only when the order of a run's stages changes; unfinished runs of another version are
named, never taken up."""

RUN: Final = "remediate"
"""The workflow's name in the database."""

_THREADS: Final = 16
_LOOK: Final = 0.05
"""Seconds between looks whether a run has ended."""

Body = Callable[[Ledger, dict[str, Any]], Awaitable[dict[str, Any]]]
"""What a run does, given its ledger and what it was started with; both are JSON."""


class _DbosLedger:
    """The ledger of the workflow that is running in this context."""

    def __init__(self, process: str) -> None:
        self.process = process

    async def once(self, stage: str, do: Stage) -> Rows:
        """Do a stage as a step of DBOS."""
        return await DBOS.run_step_async({"name": stage}, do)


class Engine:
    """DBOS, launched for one process and ended with it.

    Runs are executed on the event loop that enters the engine, so that they share its session.
    """

    def __init__(self, state: State, body: Body, *, executor: str) -> None:
        """An engine.

        Args:
            state: where runs are remembered.
            body: what a run does.
            executor: whose unfinished runs are taken up at the start. A single run goes by its own
                name: nobody else takes it up, and it takes up nobody else.
        """
        self._state = state
        self._executor = executor
        self._held = ExitStack()
        ledger = _DbosLedger(f"{os.getpid()}-{secrets.token_hex(4)}")

        async def run(payload: dict[str, Any]) -> dict[str, Any]:
            return await body(ledger, payload)

        self._run = run

    async def __aenter__(self) -> Self:
        """Launch.

        Raises:
            StateError: the state is busy, or this Python cannot use it.
        """
        if not self._state.shared:
            check_sqlite()
        make_folder(self._state.folder)
        self._held.enter_context(only_one(self._state))
        self._held.enter_context(_private_files())
        refuse_unsigned()
        DBOS(config=_config(self._state, self._executor))
        self._run = DBOS.workflow(name=RUN)(self._run)
        try:
            DBOS.launch()
        except Exception as error:
            self._held.close()
            raise StateError(f"{self._state.shown} cannot be used: {_first_line(error)}") from error
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        DBOS.destroy(destroy_registry=True)
        self._held.close()

    async def start(self, run_id: str, payload: dict[str, Any]) -> None:
        """Begin a run. One of this id that was begun before is not begun again."""
        with SetWorkflowID(run_id):
            await DBOS.start_workflow_async(self._run, payload)

    async def result(self, run_id: str) -> dict[str, Any]:
        """What a run came to, once it has ended.

        Raises:
            StateError: it ended with an error of the engine.
        """
        handle: Any = await DBOS.retrieve_workflow_async(run_id)
        found: dict[str, Any] = await handle.get_result(polling_interval_sec=_LOOK)
        return found


@contextmanager
def _private_files() -> Iterator[None]:
    """Let files that are made from here on, such as the database, be their owner's alone."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _config(state: State, executor: str) -> DBOSConfig:
    return {
        "name": "remediate",
        "system_database_url": state.url,
        "application_version": VERSION,
        "executor_id": executor,
        "serializer": SignedJson(signing_key(state.folder)),
        "max_executor_threads": _THREADS,
        "log_level": "CRITICAL",
        "notification_listener_polling_interval_sec": _LOOK,
    }


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
