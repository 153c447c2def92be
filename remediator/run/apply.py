"""Applying a plan: the writing half of the one flow.

One mechanism serves staleness, verification and resumability: an action is planned again on fresh
facts. If it would now do something else, the run stops before the change; when it has nothing left
to do for the target, the change is seen to have settled.

Each change goes in three stages, which the ledger remembers: its intent, its sending, its settling.
A process that finds an intent of another one cannot know whether it was sent, and looks first.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from remediator import ids
from remediator.actions import Action
from remediator.change.operations import SHAPES, Operation
from remediator.change.step import Change, Held, Unchanged
from remediator.change.writing import Writer
from remediator.errors import (
    AzureError,
    RemediateError,
    StalePlanError,
    UnwrittenError,
    first_line,
)
from remediator.facts import Facts, Known, Source, Unknown
from remediator.job.job import JobRow
from remediator.job.request_ids import request_id
from remediator.patience import Patience
from remediator.plan.plan import Plan, fingerprint
from remediator.plan.planning import Addressed, plan_steps
from remediator.plan.sameness import difference, is_still
from remediator.playbook.playbook import action_from
from remediator.reading import Reader
from remediator.redaction import redacted
from remediator.run.account import Account
from remediator.run.carrier import Carrier, unread
from remediator.run.ledger import Ledger, Rows
from remediator.run.run import (
    Applied,
    Began,
    Ended,
    Entry,
    Intent,
    Interrupted,
    Journal,
    LeaseReturned,
    LeaseTaken,
    Outcome,
    PowerOwed,
    Refused,
    Result,
    Waiting,
    Watcher,
    entry_from,
    power_command,
)
from remediator.run.sight import Sight

Stage = Callable[[int, Change, Action], Coroutine[Any, Any, None]]


class Applier:
    """Applies one plan, from wherever its ledger says that it is."""

    def __init__(
        self,
        plan: Plan,
        run_id: str,
        *,
        ledger: Ledger,
        reader: Reader,
        writer: Writer,
        journal: Journal,
        watcher: Watcher,
        patience: Patience,
        addressed: Addressed,
        now: Callable[[], datetime],
        closed: str | None = None,
    ) -> None:
        """An applier of a plan.

        Args:
            plan: what was approved.
            run_id: of the run.
            ledger: what the run remembers of itself.
            reader: reads Azure.
            writer: changes Azure.
            journal: where entries go to last.
            watcher: whoever is shown what happens.
            patience: how long, and how often.
            addressed: writes out a request.
            now: this machine's clock.
            closed: why nothing more may be begun, only what was begun followed and put back.
        """
        self._plan = plan
        self._run_id = run_id
        self._ledger = ledger
        self._journal = journal
        self._watcher = watcher
        self._now = now
        self._account = Account(plan)
        self._noted: list[Entry] = []
        self._under_way: asyncio.Future[None] | None = None
        self._taken_up = False
        self._to_stop = False
        self._sight = Sight(plan, self._account, reader)
        self._carrier = Carrier(
            plan,
            self._account,
            sight=self._sight,
            reader=reader,
            writer=writer,
            patience=patience,
            addressed=addressed,
            note=self._note,
            now=now,
            closed=closed,
        )

    def interrupt(self) -> None:
        """Stop as soon as possible: nothing more is changed but what is to be put back."""
        self._to_stop = True
        if self._under_way is not None:
            self._under_way.cancel()

    async def apply(self) -> Applied:
        """Carry the plan out, or what is left of it.

        Raises:
            StalePlanError: the subscription is no longer as the plan saw it; nothing was changed.
        """
        actions = {recipe["action"]: action_from(recipe) for recipe in self._plan.recipe}
        await self._stage("begin", partial(self._begin, tuple(actions.values())))
        self._carrier.taken_up = self._taken_up
        if self._account.refused:
            raise StalePlanError(self._account.refused)
        for number, step in enumerate(self._plan.steps, 1):
            if isinstance(step, Change):
                await self._do(number, step, actions[step.action])
        return await self._conclusion()

    async def put_back(self, entries: Iterable[Entry]) -> Rows:
        """Bring the VM's power back as the plan says, after a run that has ended somehow.

        Args:
            entries: of that run, all of them.

        Returns:
            What it came to.
        """
        self._account.take(entries)
        self._account.interrupted = True
        actions = {recipe["action"]: action_from(recipe) for recipe in self._plan.recipe}
        rows: Rows = []
        seen = self._account.power_owed
        owed = await self._sight.power_owed()
        for number, change in seen:
            self._account.outcomes.pop(number, None)
            self._noted = []
            if (number, change) in owed:
                await self._do(number, change, actions[change.action])
            else:
                text = f"nothing left to do: {change.what}"
                self._end(number, Result.UNNEEDED, text)
            rows += self._rows()
        return rows

    async def _stage(self, name: str, do: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Go through a stage once; one that was gone through before is taken into account."""
        lived = False

        async def live() -> Rows:
            nonlocal lived
            lived = True
            self._noted = []
            if self._to_stop and not self._account.interrupted:
                self._note(Interrupted(at=self._now()))  # between two stages
                return self._rows()
            self._under_way = asyncio.ensure_future(do())
            try:
                await self._under_way
            except asyncio.CancelledError:
                if not self._to_stop or self._account.interrupted:
                    raise
                self._note(Interrupted(at=self._now()))
            finally:
                self._under_way = None
            return self._rows()

        rows = await self._ledger.once(name, live)
        if not lived:
            self._taken_up = True
            self._account.take(entry_from(row) for row in rows)

    def _rows(self) -> Rows:
        return [entry.model_dump(mode="json") for entry in self._noted]

    async def _begin(self, actions: tuple[Action, ...]) -> None:
        needs = frozenset[Source]().union(*(action.needs for action in actions))
        facts = await self._sight.read(needs)
        steps = plan_steps(actions, facts, self._plan.consent, self._carrier.addressed)
        if fingerprint(steps) == fingerprint(self._plan.steps):
            self._note(Began(at=self._now(), run_id=self._run_id, plan=self._plan))
            return
        text = (
            f"{self._plan.plan_id} is stale: {difference(self._plan.steps, steps)}; nothing was "
            "changed; make a new plan"
        )
        self._account.take([Refused(at=self._now(), text=text)])
        self._noted.append(Refused(at=self._now(), text=text))

    async def _do(self, number: int, change: Change, action: Action) -> None:
        """One change, through its stages; again where an operation's failure allows it."""
        round_ = 0
        while number not in self._account.outcomes:
            name = f"step {number}" + (f", again {round_}" if round_ else "")
            for stage, do in (
                ("intend", self._intend),
                ("send", self._send),
                ("settle", self._settle),
            ):
                if number in self._account.outcomes:
                    break
                before = self._account.interrupted
                in_order = partial(self._in_order, do, number, change, action)
                with self._carrier.bounding(change):
                    await self._stage(f"{name}: {stage}", in_order)
                now = self._account.interrupted and not before
                if now and number not in self._account.outcomes:
                    await self._stage(f"{name}: stop", partial(self._stop, number, change))
                    break
            round_ += 1

    async def _in_order(self, do: Stage, number: int, change: Change, action: Action) -> None:
        """Go through a stage of a change. Whatever is raised in it ends the change, not the run.

        So what is to be put back is put back, whatever went wrong, and whoever's fault it was.
        """
        try:
            await do(number, change, action)
        except UnwrittenError:
            raise  # nothing more can be written down, so nothing more is done
        except Exception as error:  # noqa: BLE001 - the promise is about the unforeseen
            if number in self._account.outcomes:
                return
            told = first_line(error)
            if not isinstance(error, RemediateError):
                told = f"internal error: {type(error).__name__}: {told}"
            if number in self._account.intents:
                text = f"{redacted(told)}; whether it took effect is not known"
                self._end(number, Result.UNCERTAIN, text)
            else:
                self._end(number, Result.FAILED, f"not sent: {redacted(told)}", arrived=False)

    async def _stop(self, number: int, change: Change) -> None:
        """What becomes of a change in the middle of which the run was told to stop."""
        if change.always and self._account.owes:
            return  # what puts things back is done again: that does no harm, leaving it would
        if number not in self._account.intents:
            self._end(number, Result.NOT_REACHED, f"not done: {self._account.stopped}")
            return
        job = self._carrier.job
        text = (
            f"interrupted while backup job {job.name} was {job.status}"
            if job
            else "interrupted after it was sent: whether it took effect is not known"
        )
        self._end(number, Result.UNCERTAIN, text)

    async def _intend(self, number: int, change: Change, action: Action) -> None:
        """Look whether the change is still the one that was planned, and say that it will be made.

        A lock that is to go is written down whole before it does.
        """
        if (stopped := self._account.stopped) and not (change.always and self._account.owes):
            self._end(number, Result.NOT_REACHED, f"not done: {stopped}")
            return
        if (job := self._account.recovered_by) and not change.always:
            self._unneeded_by(number, job)
            return
        try:
            facts = await self._carrier.at_its_turn(change, action)
        except AzureError as error:
            self._end(number, Result.FAILED, f"not sent: {error}", arrived=False)
            return
        if isinstance(newer := self._carrier.overtaken(change, facts), JobRow):
            self._unneeded_by(number, newer.name)
            return
        match self._carrier.again(change, action, facts):
            case Change() if late := self._carrier.shut_out(change, facts):
                unseen = isinstance(facts.jobs, Unknown) and not change.always
                result = Result.FAILED if unseen else Result.STALE
                self._end(number, result, f"not sent: {late}", arrived=False)
            case Change() as again if is_still(change, again, begun=number in self._account.sent):
                self._write_down(number, change, facts)
            case Change():
                text = "not sent: it would now be another change"
                self._end(number, Result.STALE, text)
            case Held(why=why):
                self._held(number, change, why[0], facts, unseen=unread(action, facts))
            case Unchanged(why=why):
                self._end(number, Result.UNNEEDED, "; ".join(why))
                self._returned(change)
            case None:
                self._end(number, Result.UNNEEDED, "there is nothing left to do")

    def _held(self, number: int, change: Change, why: str, facts: Facts, *, unseen: bool) -> None:
        """What becomes of a change that would now be held; in doubt, what puts back is sent."""
        if change.always and unseen:
            self._write_down(number, change, facts)
            return
        result = Result.FAILED if unseen else Result.STALE
        self._end(number, result, f"not sent: {why}", arrived=False)

    def _unneeded_by(self, number: int, job: str) -> None:
        """End a step, and with it the run: a backup of somebody else has succeeded meanwhile."""
        text = f"not done: backup job {job} has succeeded meanwhile"
        self._end(number, Result.UNNEEDED, text, recovered_by=job)

    def _write_down(self, number: int, change: Change, facts: Facts) -> None:
        if change.operation is Operation.DELETE_LOCK and isinstance(facts.locks, Known):
            taken = {ids.normal(lock.id) for lock in self._account.leases}
            for lock in facts.locks.value:
                if ids.same(lock.id, change.target) and ids.normal(lock.id) not in taken:
                    self._note(LeaseTaken(at=self._now(), lock=lock))
        known = facts.jobs.value if isinstance(facts.jobs, Known) else ()
        backs_up = change.operation is Operation.BACK_UP
        begins_job = backs_up or change.operation is Operation.PUT_PROTECTION
        named = request_id(self._run_id, number) if begins_job else None
        self._note(
            Intent(
                at=self._now(),
                step=number,
                change=change,
                process=self._ledger.process,
                known_jobs=tuple(ids.normal(row.id) for row in known) if backs_up else (),
                request_id=named,
            )
        )

    async def _send(self, number: int, change: Change, action: Action) -> None:
        if not SHAPES[change.operation].sends:
            return
        intent = self._account.intents[number]
        try:
            await self._carrier.send(
                number, change, action, perhaps_sent=intent.process != self._ledger.process
            )
        except AzureError as error:
            self._failed(number, error)

    async def _settle(self, number: int, change: Change, action: Action) -> None:
        try:
            outcome = await self._carrier.settle(number, change, action)
        except AzureError as error:
            self._failed(number, error)
            return
        if outcome is None:
            return  # it is to be sent again
        self._ended(outcome)
        if outcome.result is Result.APPLIED:
            self._returned(change)

    def _failed(self, number: int, error: AzureError) -> None:
        result = Result.UNCERTAIN if error.arrived is None else Result.FAILED
        self._end(number, result, str(error), error.correlation_id, arrived=error.arrived)

    def _returned(self, change: Change) -> None:
        if change.operation is Operation.PUT_LOCK:
            self._note(LeaseReturned(at=self._now(), lock_id=change.target))

    def _end(
        self,
        step: int,
        result: Result,
        text: str,
        correlation_id: str | None = None,
        *,
        arrived: bool | None = None,
        recovered_by: str | None = None,
    ) -> None:
        self._ended(
            Outcome(
                step=step,
                result=result,
                text=text,
                correlation_id=correlation_id,
                ended=self._now(),
                arrived=arrived,
                recovered_by=recovered_by,
            )
        )

    def _ended(self, outcome: Outcome) -> None:
        self._note(Ended(outcome=outcome))

    def _note(self, event: Entry | Waiting) -> None:
        """To disk first, then to the screen: nothing is shown that the record does not hold."""
        if not isinstance(event, Waiting):
            self._journal.write(event)
            self._noted.append(event)
            self._account.take([event])
        with suppress(Exception):  # what cannot be shown keeps no change from its end
            self._watcher.see(event)

    async def _conclusion(self) -> Applied:
        account = self._account
        put_back = {
            ids.normal(step.target)
            for step in self._plan.changes
            if step.operation is Operation.PUT_LOCK
        }
        left = account.open_leases
        free = tuple(lock for lock in left if ids.normal(lock.id) not in put_back)
        # While something may still take effect, a lock that is seen may be about to go.
        again = () if account.unsure else await self._sight.on_again(free)
        left = tuple(lock for lock in left if not any(ids.same(lock.id, on.id) for on in again))
        left += await self._sight.gone(tuple(account.refused_removals))
        job, unread = None, None
        try:
            job = await self._carrier.last_seen_job()
        except Exception as error:  # noqa: BLE001 - what was done, and what is off, is reported
            unread = f"backup job {account.job_id} was triggered, but cannot be read: {error}"
        power = [
            PowerOwed(step=number, vm_id=change.target, command=power_command(change))
            for number, change in await self._sight.power_owed()
        ]
        return Applied(
            run_id=self._run_id,
            plan=self._plan,
            outcomes=tuple(outcome for _, outcome in sorted(account.outcomes.items())),
            new_job=job,
            job_unread=unread,
            recovered_by=account.recovered_by,
            leases_open=left,
            put_back_by_others=again,
            leases_owed=tuple(lock for lock in left if ids.normal(lock.id) in put_back),
            power_owed=tuple(power),
            interrupted=account.interrupted,
        )
