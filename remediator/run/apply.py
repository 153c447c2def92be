"""Applying a plan: the writing half of the one flow.

The same check finds a stale plan, verifies a change and lets a run resume: the action is planned
again on fresh facts. If the action would now do something else, the run stops before the change. If
the action has nothing left to do for the target, the change has settled.

Each change goes through three stages, and the ledger remembers each: its intent, its sending, its
settling. When a process finds an intent of another process, it cannot know whether the change was
sent. It looks first.
"""

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
from remediator.patience import Patience, time_left
from remediator.plan.plan import Plan, fingerprint
from remediator.plan.planning import Addressed, plan_steps
from remediator.plan.sameness import difference, is_still
from remediator.playbook.playbook import action_from
from remediator.reading import Reader
from remediator.redaction import redacted
from remediator.run.account import Account
from remediator.run.carrier import Carrier
from remediator.run.conclusion import conclude
from remediator.run.ledger import Ledger, Rows
from remediator.run.looks import Looks, unread
from remediator.run.run import (
    Applied,
    Began,
    Ended,
    Entry,
    Intent,
    Journal,
    LeaseReturned,
    LeaseTaken,
    Outcome,
    Refused,
    Result,
    Waiting,
    Watcher,
)
from remediator.run.sight import Sight
from remediator.run.stages import Stages

Stage = Callable[[int, Change, Action], Coroutine[Any, Any, None]]


class Applier:
    """Applies one plan. It goes on from the place that the ledger tells."""

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
            plan: the approved plan.
            run_id: the id of the run.
            ledger: what the run remembers of itself.
            reader: reads Azure.
            writer: changes Azure.
            journal: keeps every entry on disk.
            watcher: is shown what happens.
            patience: how long to wait, and how often to look.
            addressed: writes out a request.
            now: this machine's clock.
            closed: why no new change may begin. The run then only follows what it began and puts
                back what it owes.
        """
        self._plan = plan
        self._run_id = run_id
        self._ledger = ledger
        self._journal = journal
        self._watcher = watcher
        self._now = now
        self._account = Account(plan)
        self._stages = Stages(ledger, self._account, self._note, now)
        self._sight = Sight(plan, self._account, reader)
        self._looks = Looks(
            plan,
            self._account,
            sight=self._sight,
            patience=patience,
            addressed=addressed,
            note=self._note,
            now=now,
            closed=closed,
        )
        self._carrier = Carrier(
            plan,
            self._account,
            looks=self._looks,
            reader=reader,
            writer=writer,
            patience=patience,
            note=self._note,
            now=now,
        )

    def interrupt(self) -> None:
        """Stop as soon as possible. From then on the run only puts back what it owes."""
        self._stages.interrupt()

    async def apply(self) -> Applied:
        """Carry the plan out, or what is left of it.

        Raises:
            StalePlanError: the subscription is no longer as the plan saw it; nothing was changed.
        """
        actions = {recipe["action"]: action_from(recipe) for recipe in self._plan.recipe}
        await self._stages.go_through("begin", partial(self._begin, tuple(actions.values())))
        self._looks.taken_up = self._stages.taken_up
        if self._account.refused:
            raise StalePlanError(self._account.refused)
        for number, step in enumerate(self._plan.steps, 1):
            if isinstance(step, Change):
                await self._do(number, step, actions[step.action])
        return await conclude(self._plan, self._run_id, self._account, self._sight, self._carrier)

    async def put_back(self, entries: Iterable[Entry]) -> Rows:
        """Bring the VM's power back as the plan says, after the run has ended in any way.

        Args:
            entries: all entries of that run.

        Returns:
            The new entries, as JSON objects.
        """
        self._account.take(entries)
        self._account.interrupted = True
        actions = {recipe["action"]: action_from(recipe) for recipe in self._plan.recipe}
        rows: Rows = []
        seen = self._account.power_owed
        owed = await self._sight.power_owed()
        for number, change in seen:
            self._account.outcomes.pop(number, None)
            self._stages.noted = []
            if (number, change) in owed:
                await self._do(number, change, actions[change.action])
            else:
                text = f"nothing left to do: {change.what}"
                self._end(number, Result.UNNEEDED, text)
            rows += self._stages.rows()
        return rows

    async def _begin(self, actions: tuple[Action, ...]) -> None:
        needs = frozenset[Source]().union(*(action.needs for action in actions))
        facts = await self._sight.read(needs)
        steps = plan_steps(actions, facts, self._plan.consent, self._looks.addressed)
        if fingerprint(steps) == fingerprint(self._plan.steps):
            self._note(Began(at=self._now(), run_id=self._run_id, plan=self._plan))
            return
        text = (
            f"{self._plan.plan_id} is stale: {difference(self._plan.steps, steps)}; nothing was "
            "changed; make a new plan"
        )
        self._account.take([Refused(at=self._now(), text=text)])
        self._stages.noted.append(Refused(at=self._now(), text=text))

    async def _do(self, number: int, change: Change, action: Action) -> None:
        """Take one change through its stages.

        Send it again if the operation's failure allows that.
        """
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
                with self._looks.bounding(change):
                    await self._stages.go_through(f"{name}: {stage}", in_order)
                now = self._account.interrupted and not before
                if now and number not in self._account.outcomes:
                    await self._stages.go_through(
                        f"{name}: stop", partial(self._stop, number, change)
                    )
                    break
            round_ += 1

    async def _in_order(self, do: Stage, number: int, change: Change, action: Action) -> None:
        """Go through a stage of a change. An error ends the change, but not the run.

        So the run still puts back what it owes, no matter what went wrong and why.
        """
        try:
            await do(number, change, action)
        except UnwrittenError:
            raise  # the entry could not be written, so the run does nothing more
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
        """End a change that was interrupted, or leave it to be done again."""
        if change.always and self._account.owes:
            return  # do it again: putting back twice does no harm, leaving it would
        if number not in self._account.intents:
            self._end(number, Result.NOT_REACHED, f"not done: {self._account.stopped(change)}")
            return
        job = self._carrier.job
        text = (
            f"interrupted while backup job {job.name} was {job.status}"
            if job
            else "interrupted after it was sent: whether it took effect is not known"
        )
        self._end(number, Result.UNCERTAIN, text)

    async def _intend(self, number: int, change: Change, action: Action) -> None:
        """Check that the planned change is still right, and write down that it will be made.

        A lock that will be removed is first written down whole.
        """
        stopped = self._account.stopped(change)
        if stopped and not (change.always and self._account.owes):
            self._end(number, Result.NOT_REACHED, f"not done: {stopped}")
            return
        if (job := self._account.recovered_by) and not change.always:
            self._unneeded_by(number, job)
            return
        try:
            facts = await self._looks.at_its_turn(change, action)
        except AzureError as error:
            self._end(number, Result.FAILED, f"not sent: {error}", arrived=False)
            return
        if isinstance(newer := self._looks.overtaken(change, facts), JobRow):
            self._unneeded_by(number, newer.name)
            return
        match self._looks.again(change, action, facts):
            case Change() if late := self._looks.shut_out(change, facts):
                unseen = isinstance(facts.jobs, Unknown) and not change.always
                result = Result.FAILED if unseen else Result.STALE
                self._end(number, result, f"not sent: {late}", arrived=False)
            case Change() as again if is_still(change, again, begun=number in self._account.sent):
                self._write_down(number, change, facts)
            case Change():
                text = "not sent: the change would now be a different one"
                self._end(number, Result.STALE, text)
            case Held(why=why):
                self._held(number, change, why[0], facts, unseen=unread(action, facts))
            case Unchanged(why=why):
                self._end(number, Result.UNNEEDED, "; ".join(why))
                self._returned(change)
            case None:
                self._end(number, Result.UNNEEDED, "there is nothing left to do")

    def _held(self, number: int, change: Change, why: str, facts: Facts, *, unseen: bool) -> None:
        """End a change that would now be held.

        If a fact is unknown, send a change that puts back.
        """
        if change.always and unseen:
            self._write_down(number, change, facts)
            return
        result = Result.FAILED if unseen else Result.STALE
        self._end(number, result, f"not sent: {why}", arrived=False)

    def _unneeded_by(self, number: int, job: str) -> None:
        """End a step, and with it the run: another backup has succeeded meanwhile."""
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
        named = request_id(self._run_id, number, self._account.evidence) if begins_job else None
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
            return  # it is sent again
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
        """Write an event to disk first, then show it.

        Nothing is shown that the record does not hold.
        """
        if isinstance(event, Waiting):
            event = event.model_copy(update={"left": time_left()})
        else:
            self._journal.write(event)
            self._stages.noted.append(event)
            self._account.take([event])
        with suppress(Exception):  # an event that cannot be shown must not stop a change
            self._watcher.see(event)
