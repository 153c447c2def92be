"""Carrying one change out: sending it, following what it began, seeing that it took effect."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import TypeVar

from remediator import ids
from remediator.actions import Action
from remediator.change.guest import read_answer
from remediator.change.operations import SHAPES, Operation
from remediator.change.step import Change, Held, Impact, Step, Unchanged
from remediator.change.writing import Receipt, Writer
from remediator.conditions.jobs import newer_success
from remediator.errors import AzureError
from remediator.facts import Facts, Source, Unknown
from remediator.guards import Case, window
from remediator.job.job import Job, JobRow
from remediator.moments import shown
from remediator.patience import Patience
from remediator.plan.plan import Plan
from remediator.plan.planning import Addressed, with_address
from remediator.plan.sameness import is_still
from remediator.reading import Reader
from remediator.run.account import Account
from remediator.run.follow import JobFollower, Trigger
from remediator.run.run import Entry, Outcome, Result, Sent, Waiting
from remediator.run.sight import Sight

_T = TypeVar("_T")

COLLECTION_ATTEMPTS = 3
"""Deleting a collection with many points times out; "usually succeeds after two or three retries"
(Troubleshoot Azure Backup failure: issues with the agent or extension)."""

LOOKS_BEFORE_DOUBT = 3
"""How often what puts things back looks again where it cannot see whether it is due."""

GRACE = 120.0
"""Seconds that what puts things back is followed at least."""

LANDS_WITHIN = timedelta(minutes=1)
"""By Azure's clock: how long a request may take to have its effect that nobody waits for any more.
Azure Resource Manager answers within a minute, or says 202."""

CANCEL_ATTEMPTS = 3
"""A job may be told not to be in progress a moment before it is ("wait a minute and try again";
Troubleshoot backup failures on Azure virtual machines)."""


class Carrier:
    """Carries out the changes of one plan. What it comes to is noted, and kept by the account."""

    def __init__(
        self,
        plan: Plan,
        account: Account,
        *,
        sight: Sight,
        reader: Reader,
        writer: Writer,
        patience: Patience,
        addressed: Addressed,
        note: Callable[[Entry | Waiting], None],
        now: Callable[[], datetime],
        closed: str | None,
    ) -> None:
        self.addressed = addressed
        self._plan = plan
        self._account = account
        self._sight = sight
        self._writer = writer
        self._patience = patience
        self._note = note
        self._now = now
        self._unseen: str | None = None
        self._closed = closed
        self.taken_up = False
        """Whether the run was begun by another process, perhaps days ago."""
        self._told_besides: tuple[str, ...] = ()
        self._follower = JobFollower(reader, patience, note, now)

    @property
    def job(self) -> Job | None:
        """The triggered backup's job, as this process last saw it."""
        return self._follower.job

    async def last_seen_job(self) -> Job | None:
        """The triggered backup's job; read again when another process had triggered it."""
        if self.job is None and self._account.job_id is not None:
            await self._follower.look_at(self._account.job_id)
        return self.job

    async def at_its_turn(self, change: Change, action: Action) -> Facts:
        """Fresh facts for a change whose turn has come.

        Raises:
            AzureError: what it takes to look cannot be asked.
        """
        facts = await self.before_sending(change, action)
        if change.always:
            facts = await self._readable(change, action, facts)
        if change.always and self._account.unsure:
            facts = await self._landed(change, action, facts)
        return facts

    async def _readable(self, change: Change, action: Action, facts: Facts) -> Facts:
        """The facts once they can be read, or some looks later: an odd answer may be the last."""
        patience = self._patience_for(change)
        for _ in range(LOOKS_BEFORE_DOUBT):
            held = isinstance(self.again(change, action, facts), Held)
            if not (held and unread(action, facts)) or patience.over:
                break
            self._note(Waiting(text=f"waiting until it can be seen: {change.what}"))
            await patience.pause()
            facts = await self._sight.read(action.needs)
        return facts

    async def before_sending(self, change: Change, action: Action) -> Facts:
        """Fresh facts on which a change rests right before it is sent.

        What puts things back waits for nothing else: it is due whatever runs or has succeeded.
        """
        besides = action.needs_to_send | {Source.JOBS}
        return await self._sight.read(action.needs if change.always else action.needs | besides)

    def overtaken(self, change: Change, facts: Facts) -> JobRow | Unknown | None:
        """The backup that has succeeded since the failed one, so that a change is not needed.

        Unknown where the jobs could not be read. This run's own backup is no reason: what comes
        after it in the plan was meant to.
        """
        if change.always or change.impact is Impact.READ_ONLY:
            return None
        if isinstance(facts.jobs, Unknown):
            return facts.jobs
        newer = newer_success(facts)
        is_newer = isinstance(newer, JobRow) and not ids.same(newer.id, self._account.job_id)
        return newer if is_newer else None

    async def _landed(self, change: Change, action: Action, facts: Facts) -> Facts:
        """The facts once what was sent, and whose answer nobody waited for, shows in them.

        A lock whose removal is still on its way looks as if it had never been taken off.
        """
        patience, since = self._patience_for(change), facts.latest()
        while isinstance(self.again(change, action, facts), Unchanged):
            at = facts.latest()
            if since is None or at is None or at - since >= LANDS_WITHIN or patience.over:
                break
            self._note(Waiting(text=f"waiting to see whether it is still needed: {change.what}"))
            await patience.pause()
            facts = await self._sight.read(action.needs)
        return facts

    async def send(
        self, number: int, change: Change, action: Action, *, perhaps_sent: bool
    ) -> None:
        """Send a change, unless it is found done.

        Args:
            number: its place in the plan.
            change: what to send.
            action: what planned it.
            perhaps_sent: whether another process may have sent it already.

        Raises:
            AzureError: it was refused, or what became of it is not known.
        """
        trigger = Trigger.of(self._plan.job, self._account.intents[number])
        if perhaps_sent and (
            await self._is_triggered(change, action, trigger)
            if change.operation is Operation.BACK_UP
            else await self._is_done(change, action)
        ):
            text = "found done: an earlier process had sent it"
            self._note(
                Sent(at=self._now(), step=number, token=None, correlation_id=None, note=text)
            )
            return
        if change.operation is Operation.BACK_UP:
            _, correlation = await self._follower.trigger(self._writer, trigger)
            self._note(Sent(at=self._now(), step=number, token=None, correlation_id=correlation))
            return
        receipt = (
            await self._when_not_busy(change)
            if change.operation is Operation.RUN_SCRIPT
            else await self._begin(number, change, action)
        )
        self._note(
            Sent(
                at=self._now(),
                step=number,
                token=receipt.token if receipt else None,
                correlation_id=receipt.correlation_id if receipt else None,
                note="" if receipt else "found done: no answer had come",
            )
        )

    async def _is_triggered(self, change: Change, action: Action, trigger: Trigger) -> bool:
        """Whether another process has triggered the backup.

        Raises:
            AzureError: that is not known, or it has not and would not be triggered now.
        """
        if await self._follower.triggered_before(trigger):
            return True
        if not await self._is_due(change, action):
            raise _perhaps_sent(change, "no job of it is seen, and it is no longer due")
        return False

    async def _is_done(self, change: Change, action: Action) -> bool:
        """Whether a change that was perhaps sent has taken effect.

        Raises:
            AzureError: it has not, and may not be sent now: that would do it twice, or do
                something else than what was planned.
        """
        self._note(Waiting(text=f"waiting to see whether it was sent before: {change.what}"))
        problem = "it is not seen to have taken effect"
        for _ in range(self._patience.looks):
            facts = await self.before_sending(change, action)
            match self.again(change, action, facts):
                case None | Unchanged():
                    return True
                case Held(why=why):
                    problem = why[0]  # what was begun may still be under way
                case Change() as now if not is_still(change, now, begun=True):
                    problem = "it would now be another change"
                    break
                case Change() if late := self.shut_out(change, facts):
                    problem = late
                    break
                case Change() if not SHAPES[change.operation].once:
                    return False
                case _:
                    pass
            if self._patience.over:
                break
            await self._patience.pause()
        if change.always:
            return False  # what puts things back is sent in doubt: that does no harm
        raise _perhaps_sent(change, problem)

    async def settle(self, number: int, change: Change, action: Action) -> Outcome | None:
        """Follow a change to its end and see that it took effect.

        Returns:
            What it came to; None when it is to be sent again.

        Raises:
            AzureError: it failed, or what became of it is not known.
        """
        match change.operation:
            case Operation.BACK_UP:
                return await self._backed_up(number)
            case Operation.WAIT_FOR_JOB:
                return await self._wait_for_job(number, change)
            case Operation.WAIT_FOR_VM | Operation.WAIT_FOR_DELETION:
                return await self._wait_until_seen(number, change, action)
            case Operation.RUN_SCRIPT:
                return await self._script_ended(number, change)
            case _:
                return await self._took_effect(number, change, action)

    async def _took_effect(self, number: int, change: Change, action: Action) -> Outcome | None:
        sent = self._account.sent[number]
        if sent.token is not None:
            try:
                await self._followed(change, sent.token)
            except AzureError as error:
                looks = self._patience.looks if error.arrived is None else 1
                self._note(Waiting(text=f"waiting to see whether it took effect: {error}"))
                if not await self._settled(change, action, looks):
                    sends, patience = self._sends(number), self._patience_for(change)
                    if not await self._worth_another(change, action, error, sends, patience):
                        raise
                    self._note(Waiting(text=f"{change.what}: {error.brief}, trying again"))
                    await self._patience.pause(error.retry_after)
                    return None
        if not SHAPES[change.operation].shows:
            text = f"Azure says it is done: {change.what}; no read shows it"
            return self._outcome(number, Result.APPLIED, text)
        if await self._settled(change, action):
            text = "; ".join((f"done: {change.what}", *self._told_besides))
            return self._outcome(number, Result.APPLIED, text)
        text = f"Azure carried it out, but {_wanted(change)} was not seen within the time allowed"
        text += f": {self._unseen}" if self._unseen else ""
        return self._outcome(number, Result.UNSETTLED, text)

    def _sends(self, number: int) -> int:
        return self._account.sends.get(number, 0)

    async def _begin(self, number: int, change: Change, action: Action) -> Receipt | None:
        """Send a change, again where that is known to be right; None when found done meanwhile."""
        failures, patience = self._sends(number), self._patience_for(change)
        while True:
            try:
                named = self._account.intents[number].request_id
                sending = self._writer.begin(change, named)
                # A discovery is followed to its end where it is sent.
                discovers = change.operation is Operation.REFRESH_CONTAINERS
                return await (self._in_time(change, sending) if discovers else sending)
            except AzureError as error:
                failures += 1
                looks = {None: self._patience.looks, True: 1, False: 0}[error.arrived]
                if looks:
                    self._note(Waiting(text=f"waiting to see whether it took effect: {error}"))
                if await self._settled(change, action, looks):
                    return None
                if not await self._worth_another(change, action, error, failures, patience):
                    raise
                self._note(Waiting(text=f"{change.what}: {error.brief}, trying again"))
                await patience.pause(error.retry_after)

    def bounding(self, change: Change) -> AbstractContextManager[None]:
        """Bound the requests of a change by its time; what puts things back does not queue."""
        return self._patience_for(change).bounding(puts_back=change.always)

    def _patience_for(self, change: Change) -> Patience:
        """What puts things back gets its time also when the run's is used up."""
        return self._patience.at_least(GRACE) if change.always else self._patience

    async def _worth_another(
        self,
        change: Change,
        action: Action,
        error: AzureError,
        failures: int,
        patience: Patience,
    ) -> bool:
        if failures >= patience.looks or patience.over:
            return False
        if error.code == "ScopeLocked":
            # A lock's removal takes minutes to reach every front end. Only when no lock is in
            # sight any more is the refusal an echo worth waiting out.
            return await self._is_due(change, action)
        if error.status == 429:
            return True
        if change.always and (error.status == 409 or error.transient):
            # Something is under way that was begun before: what puts things back waits for it. And
            # it is sent in doubt, as often as it takes: that does no harm.
            return True
        if change.operation is Operation.CANCEL_JOB and error.status in (400, 409):
            # Only while the job itself, read again, still says that it can be cancelled.
            return failures < CANCEL_ATTEMPTS and await self._is_due(change, action)
        return (
            change.operation is Operation.DELETE_COLLECTION
            and error.arrived is not False
            and failures < COLLECTION_ATTEMPTS
            and await self._is_due(change, action)
        )

    async def _is_due(self, change: Change, action: Action) -> bool:
        """Whether the change, or what is left of it, is still what would be done."""
        facts = await self.before_sending(change, action)
        now = self.again(change, action, facts)
        still = isinstance(now, Change) and is_still(change, now, begun=True)
        return still and self.shut_out(change, facts) is None

    def shut_out(self, change: Change, facts: Facts) -> str | None:
        """Why a change is too late: for the plan or its windows, or as it is not needed.

        A run may outlast the window in which it was let in, or be taken up days later.
        """
        if change.always:
            return None
        if late := self._closed or (self.taken_up and self._expired(facts)):
            return late
        match self.overtaken(change, facts):
            case JobRow() as newer:
                return f"backup job {newer.name} has succeeded meanwhile"
            case Unknown(reason=reason):
                return f"not known whether a backup has succeeded meanwhile: {reason}"
            case None:
                pass
        case = Case(facts, (change,), self._plan.limits, facts.latest())
        refusal = window.judge(case)
        return refusal.reason if refusal else None

    def _expired(self, facts: Facts) -> str | None:
        """Why nothing more of the plan is begun: it is too old by Azure's clock, or by this one's.

        Only for a run that was taken up: one that is under way may outlast its plan's lifetime.
        """
        plan, at = self._plan, facts.latest()
        if at is None:
            return "no answer of Azure tells its time, and the plan may have expired"
        if self._now() <= plan.expires and at - plan.job.seen <= plan.expires - plan.created:
            return None
        return f"the plan expired at {shown(plan.expires)} while the run was cut short"

    async def _settled(self, change: Change, action: Action, looks: int | None = None) -> bool:
        """Look until the action has nothing left to do for the target.

        A lock must be seen gone twice: one front end may know earlier than the next.
        """
        wanted = 2 if change.operation is Operation.DELETE_LOCK else 1
        seen, patience = 0, self._patience_for(change)
        for _ in range(patience.looks if looks is None else looks):
            seen = seen + 1 if await self._looks_settled(change, action) else 0
            if seen >= wanted:
                return True
            if patience.over:
                return False
            self._note(Waiting(text=f"waiting until {_wanted(change)} is seen"))
            await patience.pause()
        return False

    async def _looks_settled(self, change: Change, action: Action) -> bool:
        """Whether a look shows that a change has settled; where not, `_unseen` may say why."""
        if action.seen_in:
            found = action.settled(change.target, await self._sight.read(action.seen_in))
            self._unseen = found.reason if isinstance(found, Unknown) else None
            return found is True
        facts = await self._sight.read(action.needs)
        held = next((step for step in action.plan(facts) if isinstance(step, Held)), None)
        self._unseen = held.why[0] if held else None
        left = held or self.again(change, action, facts)
        self._told_besides = left.why[1:] if isinstance(left, Unchanged) else ()
        return left is None or isinstance(left, Unchanged)

    async def _backed_up(self, number: int) -> Outcome:
        job = await self.last_seen_job()
        if job is None:
            raise AzureError("the triggered backup's job is not known", code="JobNotSeen")
        job = await self._follower.to_the_end(job)
        return self._outcome(number, Result.APPLIED, f"backup job {job.name} is {job.status}")

    async def _script_ended(self, number: int, change: Change) -> Outcome:
        """Follow a script in the guest, and believe of its work only what it says in its form."""
        script, sent = str(change.before["script"]), self._account.sent[number]
        output = await self._followed(change, sent.token) if sent.token else ""
        answer = read_answer(script, output)
        if answer is None:
            text = f"script {script} ran, but did not say what it did"
            return self._outcome(number, Result.UNSETTLED, text)
        told = "; ".join(answer.changed) or "nothing was changed"
        kept = f"; what it was is kept in the guest at {answer.undo}" if answer.undo else ""
        result = Result.UNSETTLED if answer.problem else Result.APPLIED
        text = f"{told}{kept}" if answer.problem is None else f"{answer.problem} ({told}){kept}"
        return self._outcome(number, result, text).model_copy(update={"guest": answer})

    async def _followed(self, change: Change, token: str) -> str:
        """Follow an operation to its end, or until the time is up."""
        return await self._in_time(change, self._writer.finish(change, token))

    async def _in_time(self, change: Change, followed: Awaitable[_T]) -> _T:
        try:
            async with asyncio.timeout(self._patience_for(change).left):
                return await followed
        except TimeoutError:
            raise AzureError(
                f"{change.what}: it had not ended when the time was up, and may still run",
                code="TimeIsUp",
                arrived=None,
            ) from None

    async def _when_not_busy(self, change: Change) -> Receipt:
        """Send to a guest that runs one command at a time, as long as another one runs later.

        A command may take 90 minutes and cannot be stopped from outside; so may the one before it.
        """
        busy: AzureError | None = None
        # Sent with less time left than one look takes, its end could not be seen.
        while self._patience.left > self._patience.poll:
            try:
                return await self._writer.begin(change)
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
            text = f"job {row.name} is still {row.status} at the end of the time"
            return self._outcome(number, Result.FAILED, text)
        return self._outcome(number, Result.APPLIED, f"job {row.name} ended {row.status}")

    async def _wait_until_seen(self, number: int, change: Change, action: Action) -> Outcome:
        """Look until what is waited for is there, cannot come any more, or the time is up."""
        while not await self._settled(change, action):
            if self._unseen or self._patience.over:
                text = self._unseen or f"{_wanted(change)} was not seen by the end of the time"
                return self._outcome(number, Result.FAILED, text)
        return self._outcome(number, Result.APPLIED, f"seen: {_wanted(change)}")

    def again(self, change: Change, action: Action, facts: Facts) -> Step | None:
        """What the action now plans in place of a change.

        Held and Unchanged count when they are about the target, or when the action plans no
        change at all: then they speak for everything it does.
        """
        steps = [with_address(step, self.addressed) for step in action.plan(facts)]
        changes = [step for step in steps if isinstance(step, Change)]
        for step in changes:
            if step.key == change.key:
                return step
        about = [s for s in steps if ids.same(s.target, change.target)]
        rest = [s for s in steps if isinstance(s, Held | Unchanged)] if not changes else []
        return next((s for s in about + rest if isinstance(s, Held | Unchanged)), None)

    def _outcome(self, number: int, result: Result, text: str) -> Outcome:
        sent = self._account.sent.get(number)
        return Outcome(
            step=number,
            result=result,
            text=text,
            correlation_id=sent.correlation_id if sent else None,
            ended=self._now(),
        )


def _perhaps_sent(change: Change, problem: str) -> AzureError:
    return AzureError(
        f"{change.what}: an earlier process may have sent it, and it is not sent a second time: "
        f"{problem}",
        code="PerhapsSent",
        arrived=None,
    )


def _wanted(change: Change) -> str:
    return ", ".join(f"{name} {value or 'gone'}" for name, value in change.after.items())


def unread(action: Action, facts: Facts) -> bool:
    """Whether something on which an action rests could not be read."""
    rests_on = action.needs | action.needs_to_send
    return any(isinstance(facts.about(source), Unknown) for source in rests_on)
