"""Carrying one change out: send it, follow the operation, see that the change took effect."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from remediator.actions import Action
from remediator.change.guest import KEPT, read_answer
from remediator.change.operations import SHAPES, Operation
from remediator.change.step import Change
from remediator.change.writing import Receipt, Writer
from remediator.errors import SCRIPT_FAILED, AzureError
from remediator.job.job import Job
from remediator.patience import Patience
from remediator.plan.plan import Plan
from remediator.reading import Reader
from remediator.run.account import Account
from remediator.run.follow import JobFollower, Trigger
from remediator.run.found_again import FoundAgain
from remediator.run.looks import Looks, wanted
from remediator.run.run import Entry, Outcome, Result, Sent, Waiting

_T = TypeVar("_T")

DELETION_ATTEMPTS = 3
"""How often the deletion of a restore point or of a collection is sent at most.

Deleting many points times out; "usually succeeds after two or three retries" (Troubleshoot Azure
Backup failure: issues with the agent or extension).
"""

_DELETIONS = (Operation.DELETE_POINT, Operation.DELETE_COLLECTION)

_NEEDS_A_PERSON = ("DiskRestorePointUsedByCustomer",)
"""Failures of a deletion that stay the same until somebody does something else first."""

CANCEL_ATTEMPTS = 3
"""How often a job's cancelling is sent at most.

Azure may say that a job is not in progress a moment before it is in progress ("wait a minute and
try again"; Troubleshoot backup failures on Azure virtual machines).
"""


class Carrier:
    """Carries out the changes of one plan. It notes the results, and the account keeps them."""

    def __init__(
        self,
        plan: Plan,
        account: Account,
        *,
        looks: Looks,
        reader: Reader,
        writer: Writer,
        patience: Patience,
        note: Callable[[Entry | Waiting], None],
        now: Callable[[], datetime],
    ) -> None:
        self._plan = plan
        self._account = account
        self._looks = looks
        self._writer = writer
        self._patience = patience
        self._note = note
        self._now = now
        self._follower = JobFollower(reader, patience, note, now)
        self._found_again = FoundAgain(looks, self._follower, patience, note)

    @property
    def job(self) -> Job | None:
        """The triggered backup's job, as this process last saw it."""
        return self._follower.job

    async def last_seen_job(self) -> Job | None:
        """The triggered backup's job. It is read again if another process triggered the backup."""
        if self.job is None and self._account.job_id is not None:
            await self._follower.look_at(self._account.job_id)
        return self.job

    async def send(
        self, number: int, change: Change, action: Action, *, perhaps_sent: bool
    ) -> None:
        """Send a change, unless a look shows that it is already done.

        Args:
            number: the change's place in the plan.
            change: the change to send.
            action: the action that planned the change.
            perhaps_sent: whether another process may have sent the change already.

        Raises:
            AzureError: Azure refused the change, or its effect is not known.
        """
        trigger = Trigger.of(self._plan.job, self._account.intents[number])
        if perhaps_sent and (
            await self._found_again.is_triggered(change, action, trigger)
            if change.operation is Operation.BACK_UP
            else await self._found_again.is_done(change, action)
        ):
            text = "already done: an earlier process had sent it"
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
                note="" if receipt else "done, although no answer came",
            )
        )

    async def settle(self, number: int, change: Change, action: Action) -> Outcome | None:
        """Follow a change to its end and see that it took effect.

        Returns:
            The outcome. None if the change is to be sent again.

        Raises:
            AzureError: the change failed, or its effect is not known.
        """
        match change.operation:
            case Operation.BACK_UP:
                return await self._backed_up(number)
            case Operation.WAIT_FOR_JOB:
                return await self._wait_for_job(number, change)
            case Operation.WAIT_FOR_VM | Operation.WAIT_FOR_DELETION:
                return await self._wait_until_seen(number, change, action)
            case Operation.RUN_SCRIPT:
                return await self._script_ended(number, change, action)
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
                if not await self._looks.settled(change, action, looks):
                    sends, patience = self._sends(number), self._looks.patience_for(change)
                    if not await self._worth_another(change, action, error, sends, patience):
                        raise
                    self._note(Waiting(text=f"{change.what}: {error.brief}, trying again"))
                    await self._patience.pause(error.retry_after)
                    return None
        if not SHAPES[change.operation].shows:
            text = f"Azure says it is done: {change.what}; reading cannot confirm it"
            return self._outcome(number, Result.APPLIED, text)
        if await self._looks.settled(change, action, carried_out=True):
            text = "; ".join((f"done: {change.what}", *self._looks.told_besides))
            return self._outcome(number, Result.APPLIED, text)
        text = f"Azure carried it out, but {wanted(change)} was not seen within the time allowed"
        text += f": {self._looks.unseen}" if self._looks.unseen else ""
        return self._outcome(number, Result.UNSETTLED, text)

    def _sends(self, number: int) -> int:
        return self._account.sends.get(number, 0)

    async def _begin(self, number: int, change: Change, action: Action) -> Receipt | None:
        """Send a change, and again where that is safe. None if a look finds it done meanwhile."""
        failures, patience = self._sends(number), self._looks.patience_for(change)
        while True:
            try:
                named = self._account.intents[number].request_id
                sending = self._writer.begin(change, named)
                # The writer follows a discovery to its end in the same call that sends it.
                discovers = change.operation is Operation.REFRESH_CONTAINERS
                return await (self._in_time(change, sending) if discovers else sending)
            except AzureError as error:
                failures += 1
                looks = {None: self._patience.looks, True: 1, False: 0}[error.arrived]
                if looks:
                    self._note(Waiting(text=f"waiting to see whether it took effect: {error}"))
                if await self._looks.settled(change, action, looks):
                    return None
                if not await self._worth_another(change, action, error, failures, patience):
                    raise
                self._note(Waiting(text=f"{change.what}: {error.brief}, trying again"))
                await patience.pause(error.retry_after)

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
            # The removal of a lock takes minutes to reach every front end. The refusal is only an
            # echo, and worth waiting for, once no lock is seen any more.
            return await self._looks.is_due(change, action)
        if error.status == 429:
            return True
        if change.always and (error.status == 409 or error.transient):
            # An operation that began before is still running. A change that puts back waits for it.
            # Such a change is sent in doubt, as often as needed: that does no harm.
            return True
        if change.operation is Operation.CANCEL_JOB and error.status in (400, 409):
            # Only while a new read of the job still says that the job can be cancelled.
            return failures < CANCEL_ATTEMPTS and await self._looks.is_due(change, action)
        # A look has shown that it is still there. Deleting it again cannot delete anything else.
        return (
            change.operation in _DELETIONS
            and error.arrived is not False
            and error.code not in _NEEDS_A_PERSON
            and failures < DELETION_ATTEMPTS
            and await self._looks.is_due(change, action)
        )

    async def _backed_up(self, number: int) -> Outcome:
        job = await self.last_seen_job()
        if job is None:
            raise AzureError("the triggered backup's job is not known", code="JobNotSeen")
        job = await self._follower.to_the_end(job)
        return self._outcome(number, Result.APPLIED, f"backup job {job.name} is {job.status}")

    async def _script_ended(self, number: int, change: Change, action: Action) -> Outcome:
        """Follow a script in the guest.

        Believe its result only if it answers in the agreed form.

        Raises:
            AzureError: the command failed; or a script that changes the guest ended with an error
                and its answer is lost, so nobody knows what it changed.
        """
        script, sent = str(change.before["script"]), self._account.sent[number]
        try:
            output = await self._followed(change, sent.token) if sent.token else ""
        except AzureError as error:
            if error.code != SCRIPT_FAILED:
                raise
            told = f"script {script} ended with an error, and its answer is lost"
            if change.if_unsettled == "go-on":
                return self._outcome(number, Result.UNSETTLED, f"{told}; it only looks: {error}")
            kept = KEPT[(change.request.body or {})["commandId"]]
            raise AzureError(
                f"{told}; what it changed is not known, and it is not sent again: look into {kept} "
                f"in the guest ({error})",
                code=error.code,
                correlation_id=error.correlation_id,
                arrived=None,
            ) from error
        answer = read_answer(script, output)
        if answer is None:
            text = f"script {script} ran, but did not say what it did"
            return self._outcome(number, Result.UNSETTLED, text)
        told = "; ".join(answer.changed) or "nothing was changed"
        kept = f"; the former state is kept in the guest at {answer.undo}" if answer.undo else ""
        result = Result.UNSETTLED if answer.problem else Result.APPLIED
        text = f"{told}{kept}" if answer.problem is None else f"{answer.problem} ({told}){kept}"
        text += f"; it asks for rung {answer.next} next" if answer.next else ""
        if answer.problem is None and answer.acts_later:
            if await self._seen(change, action, carried_out=True):
                text += f"; seen: {action.awaited}"
            else:
                result = Result.UNCERTAIN
                text += f"; not seen in time: {action.awaited}"
                text += f" ({self._looks.unseen})" if self._looks.unseen else ""
                text += "; nothing more is done: a backup needs an agent that answers"
        return self._outcome(number, result, text).model_copy(update={"guest": answer})

    async def _followed(self, change: Change, token: str) -> str:
        """Follow an operation to its end, or until the time is up."""
        return await self._in_time(change, self._writer.finish(change, token))

    async def _in_time(self, change: Change, followed: Awaitable[_T]) -> _T:
        try:
            async with asyncio.timeout(self._looks.patience_for(change).left):
                return await followed
        except TimeoutError:
            raise AzureError(
                f"{change.what}: it had not ended when the time was up, and may still run",
                code="TimeIsUp",
                arrived=None,
            ) from None

    async def _when_not_busy(self, change: Change) -> Receipt:
        """Send a command to a guest that runs one command at a time; wait while another one runs.

        A command may take 90 minutes and cannot be stopped from outside. The same holds for the
        command before it.
        """
        busy: AzureError | None = None
        # Do not send when less time is left than one look takes: the command's end could not be
        # seen.
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
        """Look until the awaited state is there, cannot come any more, or the time is up."""
        if not await self._seen(change, action):
            text = self._looks.unseen or f"{wanted(change)} was not seen by the end of the time"
            return self._outcome(number, Result.FAILED, text)
        return self._outcome(number, Result.APPLIED, f"seen: {wanted(change)}")

    async def _seen(self, change: Change, action: Action, *, carried_out: bool = False) -> bool:
        """Look until the awaited state is seen. False if it cannot come, or the time is up."""
        while not await self._looks.settled(change, action, carried_out=carried_out):
            if self._looks.unseen or self._patience.over:
                return False
        return True

    def _outcome(self, number: int, result: Result, text: str) -> Outcome:
        sent = self._account.sent.get(number)
        return Outcome(
            step=number,
            result=result,
            text=text,
            correlation_id=sent.correlation_id if sent else None,
            ended=self._now(),
        )
