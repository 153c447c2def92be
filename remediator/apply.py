"""Applying a plan: the writing half of the one flow.

One mechanism serves staleness, verification and resumability: an action is planned again on fresh
facts. If it would now do something else, the run stops before the change; when it has nothing left
to do for the target, the change is seen to have settled.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from remediator.actions import Action
from remediator.errors import AzureError, StalePlanError
from remediator.facts import Facts, Known, Lock, PowerState, Source, Unknown
from remediator.follow import JobFollower
from remediator.guest import GuestAnswer, read_answer
from remediator.inspect import inspect
from remediator.job import Job, JobRow
from remediator.operations import SHAPES, Operation
from remediator.patience import Patience
from remediator.plan import Plan, fingerprint
from remediator.planning import Addressed, plan_steps, with_address
from remediator.playbook import action_from
from remediator.reading import Reader
from remediator.run import (
    Applied,
    Began,
    Ended,
    Entry,
    Intent,
    Journal,
    LeaseReturned,
    LeaseTaken,
    Outcome,
    Result,
    Waiting,
    Watcher,
)
from remediator.step import Change, Held, Step, Unchanged
from remediator.words.jobs import newer_success
from remediator.writing import Receipt, Writer

COLLECTION_ATTEMPTS = 3
"""Deleting a collection with many points times out; "usually succeeds after two or three retries"
(Troubleshoot Azure Backup failure: issues with the agent or extension)."""

CANCEL_ATTEMPTS = 3
"""A job may be told not to be in progress a moment before it is ("wait a minute and try again";
Troubleshoot backup failures on Azure virtual machines)."""

_STOPS = (Result.FAILED, Result.UNCERTAIN, Result.STALE)


class Applier:
    """Applies one plan. Its state is this run's and is seen by nobody else until `Applied`."""

    def __init__(
        self,
        plan: Plan,
        run_id: str,
        *,
        reader: Reader,
        writer: Writer,
        journal: Journal,
        watcher: Watcher,
        patience: Patience,
        addressed: Addressed,
        now: Callable[[], datetime],
    ) -> None:
        self._plan = plan
        self._run_id = run_id
        self._reader = reader
        self._writer = writer
        self._journal = journal
        self._watcher = watcher
        self._patience = patience
        self._addressed = addressed
        self._now = now
        self._outcomes: list[Outcome] = []
        self._leases: list[Lock] = []
        self._returned: list[str] = []
        self._started: PowerState | None = None
        self._done: set[Operation] = set()
        self._recovered_by: str | None = None
        self._sent: int | None = None
        self._unseen: str | None = None
        self._follower = JobFollower(reader, patience, self._note, now)

    async def apply(self) -> Applied:
        """Carry the plan out.

        Raises:
            StalePlanError: the subscription is no longer as the plan saw it; nothing was changed.
        """
        actions = {recipe["action"]: action_from(recipe) for recipe in self._plan.recipe}
        await self._refuse_if_stale(tuple(actions.values()))
        self._note(Began(at=self._now(), run_id=self._run_id, plan=self._plan))
        interrupted = False
        try:
            await self._run_all(actions, stopped=None)
        except asyncio.CancelledError:
            interrupted = True
            if task := asyncio.current_task():
                task.uncancel()
            self._record_interruption()
            await self._run_all(actions, stopped="the run was interrupted")
        return self._conclusion(interrupted)

    async def _refuse_if_stale(self, actions: tuple[Action, ...]) -> None:
        facts = await self._read(frozenset().union(*(action.needs for action in actions)))
        steps = plan_steps(actions, facts, self._plan.consent, self._addressed)
        if fingerprint(steps) != fingerprint(self._plan.steps):
            raise StalePlanError(
                f"{self._plan.plan_id} is stale: {_difference(self._plan.steps, steps)}; "
                "nothing was changed; make a new plan"
            )

    async def _run_all(self, actions: dict[str, Action], stopped: str | None) -> None:
        """Do each change that has no outcome yet; once stopped, only what puts things back."""
        done = {outcome.step for outcome in self._outcomes}
        for number, step in enumerate(self._plan.steps, 1):
            if not isinstance(step, Change) or number in done:
                continue
            if stopped and not (step.always and self._owes()):
                self._end(number, Result.NOT_REACHED, f"not done: {stopped}")
                continue
            outcome = await self._do(number, step, actions[step.action])
            unsettled = outcome.result is Result.UNSETTLED and step.if_unsettled == "stop"
            if outcome.result in _STOPS or unsettled:
                stopped = stopped or f"step {number} stopped the run: {outcome.text}"

    def _owes(self) -> bool:
        """Whether this run has changed something that it must put back."""
        return bool(self._leases or self._started or Operation.DEALLOCATE_VM in self._done)

    async def _do(self, number: int, change: Change, action: Action) -> Outcome:
        try:
            facts = await self._read(action.needs)
        except AzureError as error:
            return self._end(number, Result.FAILED, f"not sent: {error}")
        match self._again(change, action, facts):
            case Change() as again if fingerprint((again,)) == fingerprint((change,)):
                pass
            case Change():
                return self._end(number, Result.STALE, "not sent: it would now be another change")
            case Held(why=why):
                unread = any(isinstance(facts.about(source), Unknown) for source in action.needs)
                result = Result.FAILED if unread else Result.STALE
                return self._end(number, result, f"not sent: {why[0]}")
            case Unchanged(why=why):
                newer = newer_success(facts) if change.operation is Operation.BACK_UP else None
                self._recovered_by = newer.name if isinstance(newer, JobRow) else None
                outcome = self._end(number, Result.UNNEEDED, why[0])
                self._settle_lease(change, outcome)
                return outcome
            case None:
                return self._end(number, Result.UNNEEDED, "there is nothing left to do")
        return await self._carry_out(number, change, action, facts)

    async def _carry_out(
        self, number: int, change: Change, action: Action, facts: Facts
    ) -> Outcome:
        self._take_lease(change, facts)
        if change.operation is Operation.START_VM and isinstance(facts.vm, Known):
            # Before it is known to have started: what this run may have started, it stops again.
            self._started = facts.vm.value.power
        if change.operation is Operation.DEALLOCATE_VM:
            # Likewise: what it may have stopped, the start after it brings back.
            self._done.add(change.operation)
        self._sent = number
        self._note(Intent(at=self._now(), step=number, change=change))
        try:
            match change.operation:
                case Operation.BACK_UP:
                    outcome = await self._back_up(number, change, facts)
                case Operation.WAIT_FOR_JOB:
                    outcome = await self._wait_for_job(number, change)
                case Operation.WAIT_FOR_VM | Operation.WAIT_FOR_DELETION:
                    outcome = await self._wait_until_seen(number, change, action)
                case Operation.RUN_SCRIPT:
                    outcome = await self._run_script(number, change)
                case _:
                    outcome = await self._change(number, change, action)
        except AzureError as error:
            if error.arrived is False:
                self._done.discard(change.operation)
            result = Result.UNCERTAIN if error.arrived is None else Result.FAILED
            outcome = self._end(number, result, str(error), error.correlation_id)
        self._settle_lease(change, outcome)
        self._sent = None
        return outcome

    async def _change(self, number: int, change: Change, action: Action) -> Outcome:
        receipt = await self._send(change, action)
        correlation = receipt.correlation_id if receipt else None
        self._done.add(change.operation)
        if not SHAPES[change.operation].shows:
            text = f"Azure says it is done: {change.what}; no read shows it"
            return self._end(number, Result.APPLIED, text, correlation)
        if await self._settled(change, action):
            return self._end(number, Result.APPLIED, f"done: {change.what}", correlation)
        text = f"Azure carried it out, but {_wanted(change)} was not seen within the time allowed"
        text += f": {self._unseen}" if self._unseen else ""
        return self._end(number, Result.UNSETTLED, text, correlation)

    async def _send(self, change: Change, action: Action) -> Receipt | None:
        """Send a change, again where that is known to be right; None when found done meanwhile."""
        failures = 0
        while True:
            try:
                return await self._writer.send(change)
            except AzureError as error:
                failures += 1
                looks = {None: self._patience.looks, True: 1, False: 0}[error.arrived]
                if looks:
                    self._note(Waiting(text=f"waiting to see whether it took effect: {error}"))
                if await self._settled(change, action, looks):
                    return None
                if not await self._worth_another(change, action, error, failures):
                    raise
                self._note(Waiting(text=f"{change.what}: {error.code}, trying again"))
                await self._patience.pause(error.retry_after)

    async def _worth_another(
        self, change: Change, action: Action, error: AzureError, failures: int
    ) -> bool:
        if failures >= self._patience.looks or self._patience.over:
            return False
        if error.code == "ScopeLocked":
            # A lock's removal takes minutes to reach every front end. Only when no lock is in
            # sight any more is the refusal an echo worth waiting out.
            facts = await self._read(action.needs)
            return isinstance(self._again(change, action, facts), Change)
        if error.status == 429:
            return True
        if change.always and error.status == 409:
            # Something is under way that was begun before: what puts things back waits for it.
            return True
        if change.operation is Operation.CANCEL_JOB and error.status in (400, 409):
            # Only while the job itself, read again, still says that it can be cancelled.
            facts = await self._read(action.needs)
            again = isinstance(self._again(change, action, facts), Change)
            return again and failures < CANCEL_ATTEMPTS
        return (
            change.operation is Operation.DELETE_COLLECTION
            and error.arrived is not False
            and failures < COLLECTION_ATTEMPTS
        )

    async def _settled(self, change: Change, action: Action, looks: int | None = None) -> bool:
        """Look until the action has nothing left to do for the target.

        A lock must be seen gone twice: one front end may know earlier than the next.
        """
        wanted = 2 if change.operation is Operation.DELETE_LOCK else 1
        seen = 0
        for _ in range(self._patience.looks if looks is None else looks):
            facts = await self._read(action.needs)
            steps = list(action.plan(facts))
            held = next((step for step in steps if isinstance(step, Held)), None)
            self._unseen = held.why[0] if held else None
            left = held or self._again(change, action, facts)
            seen = seen + 1 if left is None or isinstance(left, Unchanged) else 0
            if seen >= wanted:
                return True
            if self._patience.over:
                return False
            self._note(Waiting(text=f"waiting until {_wanted(change)} is seen"))
            await self._patience.pause()
        return False

    async def _back_up(self, number: int, change: Change, facts: Facts) -> Outcome:
        known = (
            {row.id.lower() for row in facts.jobs.value} if isinstance(facts.jobs, Known) else set()
        )
        job, correlation = await self._follower.trigger(
            self._writer, change, self._plan.job, frozenset(known)
        )
        job = await self._follower.to_the_end(job)
        return self._end(
            number, Result.APPLIED, f"backup job {job.name} is {job.status}", correlation
        )

    async def _run_script(self, number: int, change: Change) -> Outcome:
        """Run a script in the guest, and believe of its work only what it says in its own form."""
        script = str(change.before["script"])
        receipt = await self._when_not_busy(change)
        answer = read_answer(script, receipt.output)
        if answer is None:
            text = f"script {script} ran, but did not say what it did"
            return self._end(number, Result.UNSETTLED, text, receipt.correlation_id)
        told = "; ".join(answer.changed) or "nothing was changed"
        kept = f"; what it was is kept in the guest at {answer.undo}" if answer.undo else ""
        result = Result.UNSETTLED if answer.problem else Result.APPLIED
        text = f"{told}{kept}" if answer.problem is None else f"{answer.problem} ({told}){kept}"
        return self._end(number, result, text, receipt.correlation_id, answer)

    async def _when_not_busy(self, change: Change) -> Receipt:
        """Send to a guest that runs one command at a time, as long as another one runs later.

        A command may take 90 minutes and cannot be stopped from outside; so may the one before it.
        """
        busy: AzureError | None = None
        # Sent with less time left than one look takes, its end could not be seen.
        while self._patience.left > self._patience.poll:
            try:
                async with asyncio.timeout(self._patience.left):
                    return await self._writer.send(change)
            except TimeoutError:
                raise AzureError(
                    f"{change.what}: it had not ended when the time was up, and may still run",
                    code="TimeIsUp",
                    arrived=None,
                ) from None
            except AzureError as error:
                if error.status != 409 or error.code != "Conflict" or error.arrived is not False:
                    raise
                busy = error
            self._note(Waiting(text=f"waiting: another command runs in {change.target}"))
            await self._patience.pause(busy.retry_after)
        told = f": {busy}" if busy else ""
        raise AzureError(f"not sent, the time is up{told}", code="TimeIsUp")

    async def _wait_for_job(self, number: int, change: Change) -> Outcome:
        row = await self._follower.until_ended(change.target)
        if row.running:
            return self._end(
                number,
                Result.FAILED,
                f"job {row.name} is still {row.status} at the end of the time",
            )
        return self._end(number, Result.APPLIED, f"job {row.name} ended {row.status}")

    async def _wait_until_seen(self, number: int, change: Change, action: Action) -> Outcome:
        """Look until what is waited for is there, cannot come any more, or the time is up."""
        while not await self._settled(change, action):
            if self._unseen or self._patience.over:
                text = self._unseen or f"{_wanted(change)} was not seen by the end of the time"
                return self._end(number, Result.FAILED, text)
        return self._end(number, Result.APPLIED, f"seen: {_wanted(change)}")

    async def _read(self, needs: frozenset[Source]) -> Facts:
        bare = Facts.of(self._plan.job, self._plan.failure, self._plan.settings)
        read = await inspect(self._reader, bare, needs)
        own = frozenset(self._done)
        return replace(read, leases=tuple(self._leases), started=self._started, done=own)

    def _again(self, change: Change, action: Action, facts: Facts) -> Step | None:
        """What the action now plans in place of a change.

        Held and Unchanged count when they are about the target, or when the action plans no
        change at all: then they speak for everything it does.
        """
        steps = [with_address(step, self._addressed) for step in action.plan(facts)]
        changes = [step for step in steps if isinstance(step, Change)]
        for step in changes:
            if step.key == change.key:
                return step
        about = [s for s in steps if s.target.lower() == change.target.lower()]
        rest = [s for s in steps if isinstance(s, Held | Unchanged)] if not changes else []
        return next((s for s in about + rest if isinstance(s, Held | Unchanged)), None)

    def _take_lease(self, change: Change, facts: Facts) -> None:
        if change.operation is Operation.DELETE_LOCK and isinstance(facts.locks, Known):
            for lock in facts.locks.value:
                if lock.id.lower() == change.target.lower():
                    self._leases.append(lock)
                    self._note(LeaseTaken(at=self._now(), lock=lock))

    def _settle_lease(self, change: Change, outcome: Outcome) -> None:
        target = change.target.lower()
        if change.operation is Operation.DELETE_LOCK and outcome.result is Result.FAILED:
            self._leases = [lock for lock in self._leases if lock.id.lower() != target]
        if change.operation is Operation.START_VM and outcome.result is Result.FAILED:
            self._started = None
        if change.operation is Operation.PUT_LOCK and outcome.result in (
            Result.APPLIED,
            Result.UNNEEDED,
        ):
            self._returned.append(target)
            self._note(LeaseReturned(at=self._now(), lock_id=change.target))

    def _record_interruption(self) -> None:
        if self._sent is None or any(o.step == self._sent for o in self._outcomes):
            return
        step, job = self._plan.steps[self._sent - 1], self._follower.job
        if isinstance(step, Change) and step.always:
            return  # what puts things back is done again: that does no harm, leaving it would
        text = (
            f"interrupted while backup job {job.name} was {job.status}"
            if job
            else "interrupted after it was sent: whether it took effect is not known"
        )
        self._end(self._sent, Result.UNCERTAIN, text)

    def _end(
        self,
        step: int,
        result: Result,
        text: str,
        correlation_id: str | None = None,
        guest: GuestAnswer | None = None,
    ) -> Outcome:
        outcome = Outcome(
            step=step,
            result=result,
            text=text,
            correlation_id=correlation_id,
            ended=self._now(),
            guest=guest,
        )
        self._outcomes.append(outcome)
        self._note(Ended(outcome=outcome))
        return outcome

    def _note(self, event: Entry | Waiting) -> None:
        """To disk first, then to the screen: nothing is shown that the record does not hold."""
        if not isinstance(event, Waiting):
            self._journal.write(event)
        self._watcher.see(event)

    def _conclusion(self, interrupted: bool) -> Applied:
        put_back = {
            step.target.lower()
            for step in self._plan.changes
            if step.operation is Operation.PUT_LOCK
        }
        open_leases = [lock for lock in self._leases if lock.id.lower() not in self._returned]
        job: Job | None = self._follower.job
        return Applied(
            run_id=self._run_id,
            plan=self._plan,
            outcomes=tuple(sorted(self._outcomes, key=lambda outcome: outcome.step)),
            new_job=job,
            recovered_by=self._recovered_by,
            leases_open=tuple(open_leases),
            leases_owed=tuple(lock for lock in open_leases if lock.id.lower() in put_back),
            interrupted=interrupted,
        )


def _wanted(change: Change) -> str:
    return ", ".join(f"{name} {value or 'gone'}" for name, value in change.after.items())


def _difference(planned: tuple[Step, ...], found: tuple[Step, ...]) -> str:
    before, after = fingerprint(planned), fingerprint(found)
    for old, new, step in zip(before, after, found, strict=False):
        if old != new:
            was, now = (f"{row['kind']} {row['target']}" for row in (old, new))
            because = f" ({step.why[0]})" if isinstance(step, Held) else ""
            return (
                f"planned was {was}, now it is {now}{because}"
                if was != now
                else f"{was} is different"
            )
    return f"{len(before)} steps were planned, now there are {len(after)}"
