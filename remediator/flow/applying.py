"""Runs on one engine: they are begun or resumed, several at a time."""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from remediator import ids
from remediator.errors import StalePlanError, StateError, UnwrittenError, VmBusyError
from remediator.facts import Lock
from remediator.flow.carrying import Running
from remediator.flow.owing import without_report
from remediator.flow.ports import Engine, Means
from remediator.flow.requests import Terms
from remediator.flow.second import refuse_second
from remediator.plan.plan import Plan
from remediator.record.audit_file import AuditFile
from remediator.record.authority import Approval, By, Identity
from remediator.record.journal import new_run_id
from remediator.record.state import make_folder
from remediator.report.carry_out import lock_owed, lock_unsure, power_owed
from remediator.report.report import Report
from remediator.run.leases import entries_of
from remediator.run.ledger import Ledger, Rows
from remediator.run.run import Ended, Entry, LeaseReturned

_STOPPING = (
    "stopping: locks and power are put back first; after a second Ctrl-C, remediate resume does it"
)


def payload_of(plan: Plan, terms: Terms, by: By) -> dict[str, Any]:
    """The data that a run is started with. `by` tells who consented."""
    owes = any(change.always for change in plan.changes)
    approval = Approval(by=by, signed_by=terms.signed_by)
    return {
        "plan": plan.model_dump_json(),
        "started": datetime.now(UTC).isoformat(),
        "owes": owes,
        "approval": approval.model_dump(),
    }


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A run of another process that is resumed."""

    run_id: str
    plan: Plan
    version: str | None
    """The version of the command that began the run, as the engine knows it."""
    closed: str | None = None
    """Why no new change of the run may begin. It only follows what it began, and puts back."""
    again: bool = False
    """Whether the run and its guards have ended, and another guard of the run must try."""


@dataclass(slots=True)
class Runs:
    """The runs of one command. Their engine is launched with the first of them.

    ``async with Runs(means, terms) as runs:`` ends when all runs have ended.
    """

    means: Means
    terms: Terms
    alone: bool
    """Whether there is only one run. Then the engine's executor has the run's id as its name."""
    _held: AsyncExitStack = field(default_factory=AsyncExitStack)
    _running: dict[str, Running] = field(default_factory=dict)
    _engine: Engine | None = None
    _who: Identity | None = None
    _stopping: bool = False
    _launching: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._held.aclose()

    async def begin(self, plan: Plan, terms: Terms) -> Report:
        """Apply a plan in a run of its own.

        Raises:
            StalePlanError: the subscription has changed since the plan was made; nothing was
                changed.
            VmBusyError: another run is at the VM.
            StateError: the state of runs cannot be used.
            UnwrittenError: an event of the run could not be written down; the run is unfinished.
            LockOffError: the run ended without a report, and a lock is off that should be on.
        """
        run_id = new_run_id(datetime.now(UTC))
        payload = payload_of(plan, terms, self.means.asker.by)
        with self._claimed(run_id, plan):
            engine = await self._launched(run_id)
            self._running[run_id] = self._new(run_id, await self._checked(), resumed=False)
            vm = plan.job.vm_id or plan.job.id
            await refuse_second(engine, self.means.listener, self.terms.state.folder, vm)
            await engine.start(run_id, payload)
            return await self._ended(engine, run_id, plan)

    async def take_up(self, run: Interrupted) -> Report:
        """Finish an interrupted run, or let its guard of a run finish.

        Raises:
            StalePlanError: as for `begin`.
            VmBusyError: as for `begin`.
            StateError: as for `begin`.
            LockOffError: as for `begin`.
        """
        run_id = run.run_id
        with self._claimed(run_id, run.plan):
            who = await self._checked()
            self._running[run_id] = self._new(run_id, who, resumed=True, closed=run.closed)
            engine = await self._launched(run_id, version=run.version)
            await engine.take_up(run_id)
            if run.again:
                await engine.guard_again(run_id)
            return await self._ended(engine, run_id, run.plan)

    @contextmanager
    def _claimed(self, run_id: str, plan: Plan) -> Iterator[None]:
        """Keep other runs away from this VM meanwhile, of all processes that share the state.

        Raises:
            VmBusyError: another run is at the VM.
        """
        state, vm_id = self.terms.state, plan.job.vm_id or plan.job.id
        make_folder(state.folder)
        with self.means.engines.claims(state, run_id) as claims:
            if holder := claims.claim(vm_id):
                raise VmBusyError(
                    f"{vm_id}: {holder} is at work on this VM; nothing was changed: wait until it "
                    "has ended, see remediate runs list"
                )
            try:
                yield
            finally:
                claims.release(vm_id)

    async def _checked(self) -> Identity:
        """The identity that is signed in. First make sure that the audit trail can be written."""
        if self._who is None:
            AuditFile(self.terms.state.folder).check()
            self._who = await self.means.cloud.who()
        return self._who

    async def _launched(self, run_id: str, version: str | None = None) -> Engine:
        """The engine. It is launched with the first run."""
        async with self._launching:
            await self._checked()
            if self._engine is None:
                self._engine = await self._held.enter_async_context(
                    self.means.engines.runs(
                        self.terms.state,
                        self._body,
                        executor=run_id if self.alone else f"runs-{secrets.token_hex(8)}",
                        put_back=self._put_back,
                        version=version,
                    )
                )
            return self._engine

    def _new(
        self, run_id: str, who: Identity, *, resumed: bool, closed: str | None = None
    ) -> Running:
        return Running(
            self.means,
            self.terms.times,
            self.terms.playbooks,
            run_id,
            self.terms.state.folder,
            who,
            resumed=resumed,
            closed=closed,
        )

    async def _body(self, run_id: str, ledger: Ledger, payload: dict[str, Any]) -> dict[str, Any]:
        return await self._running[run_id].body(ledger, payload)

    async def _put_back(self, run_id: str, rows: Rows) -> Rows:
        return await self._running[run_id].put_back(rows)

    async def _ended(self, engine: Engine, run_id: str, plan: Plan) -> Report:
        ending = asyncio.ensure_future(self._result(engine, run_id))
        try:
            try:
                ended, restored = await asyncio.shield(ending)
            except asyncio.CancelledError:
                if task := asyncio.current_task():
                    task.uncancel()
                self._say_stopping()
                self._running[run_id].interrupt()
                ended, restored = await ending
        except StateError as error:
            state = self.terms.state
            raise await without_report(self.means, state, run_id, plan, error) from error
        if stale := ended.get("stale"):
            raise StalePlanError(stale)
        return without(Report.model_validate_json(ended["report"]), restored)

    def _say_stopping(self) -> None:
        """Say it only once, even if several runs are stopped."""
        if not self._stopping:
            self.means.note(_STOPPING)
        self._stopping = True

    async def _result(
        self, engine: Engine, run_id: str
    ) -> tuple[dict[str, Any], tuple[Entry, ...]]:
        """The result of a run, and the entries of its guards about what they put back."""
        try:
            ended = await engine.result(run_id)
        except UnwrittenError:
            raise
        except StateError:
            await engine.returned(run_id)  # wait for the guard, even if the engine failed
            raise
        try:
            return ended, entries_of(await engine.returned(run_id))
        except UnwrittenError:
            raise
        except StateError as error:
            self.means.note(
                f"the guard of {run_id} failed: {error}; remediate resume {run_id} tries again"
            )
            return ended, ()


def without(report: Report, told: tuple[Entry, ...]) -> Report:
    """The report without the locks and the power that the run's guards have put back."""
    returned = {ids.normal(each.lock_id) for each in told if isinstance(each, LeaseReturned)}
    ended = [each.outcome for each in told if isinstance(each, Ended)]
    steps = {outcome.step for outcome in ended if outcome.result.puts_back}

    def left(locks: tuple[Lock, ...]) -> tuple[Lock, ...]:
        return tuple(lock for lock in locks if ids.normal(lock.id) not in returned)

    locks = (*report.locks_owed, *report.locks_unsure)
    seen = [lock for lock in locks if ids.normal(lock.id) in returned]
    on = [line for lock in seen for line in (lock_owed(lock), lock_unsure(lock))]
    back = [power_owed(each) for each in report.power_owed if each.step in steps]
    return report.model_copy(
        update={
            "next": tuple(line for line in report.next if line not in (*on, *back)),
            "locks_owed": left(report.locks_owed),
            "locks_left_off": left(report.locks_left_off),
            "locks_unsure": left(report.locks_unsure),
            "power_owed": tuple(each for each in report.power_owed if each.step not in steps),
        }
    )
