"""Triggering a backup exactly once, and following jobs to their end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from remediator import ids
from remediator.change.step import Change
from remediator.change.writing import Receipt, Writer
from remediator.errors import AzureError, JobNotRemediableError
from remediator.facts import Facts, Source, Unknown
from remediator.inspect import inspect, read_job
from remediator.inspect.whose import is_of
from remediator.inspect.wire import text
from remediator.job.failure import Confidence, Failure
from remediator.job.job import Job, JobRef, JobRow
from remediator.patience import Patience
from remediator.reading import Reader
from remediator.run.run import Entry, Intent, JobFollowed, Waiting

SENDS = 3
"""How often the trigger may be sent at most. It is sent again only if no new job was found."""

SHOWS_WITHIN = timedelta(minutes=5)
"""How long the job list must show no new job, by Azure's clock.

Only then is a trigger of unknown fate taken as not arrived. A job may show late in the list.
"""

OBJECT_LOCKED = "BMSUserErrorObjectLocked"
"""Azure's refusal while another operation holds the item. That takes minutes at most."""

Note = Callable[[Entry | Waiting], None]


@dataclass(frozen=True, slots=True)
class Trigger:
    """A backup to trigger, and how its job is recognized."""

    change: Change
    failed: Job
    """The failed job. The new job is of the same VM and vault."""
    request_id: str
    """The request id of every sending of the trigger. The new job has it as its activity id."""
    known: frozenset[str]
    """The ids of the jobs that were there before, in their normal spelling."""

    @classmethod
    def of(cls, failed: Job, intent: Intent) -> "Trigger":
        """The trigger that an intent is about."""
        named, known = intent.request_id or "", frozenset(intent.known_jobs)
        return cls(change=intent.change, failed=failed, request_id=named, known=known)

    def began(self, row: JobRow) -> bool | None:
        """Whether this trigger began the job. None if a new backup does not say who began it."""
        if not row.is_backup:
            return False
        if row.activity_id is not None:
            return row.activity_id.lower() == self.request_id
        return False if ids.normal(row.id) in self.known else None


class JobFollower:
    """Follows jobs, and remembers the backup that this run triggered."""

    def __init__(
        self, reader: Reader, patience: Patience, note: Note, now: Callable[[], datetime]
    ) -> None:
        self._reader = reader
        self._patience = patience
        self._note = note
        self._now = now
        self.job: Job | None = None
        """The triggered backup's job as last seen."""

    async def triggered_before(self, trigger: Trigger) -> bool:
        """Whether another process has triggered the backup. If so, its job is followed.

        Raises:
            AzureError: that is not known.
        """
        self._note(Waiting(text="waiting to see whether the backup was triggered before"))
        found = await self._find(trigger, SHOWS_WITHIN)
        if found is None and self._patience.over:
            raise AzureError(
                "an earlier process may have triggered the backup, but its job was not seen in "
                "time; the backup is not triggered a second time: look at the vault's jobs",
                code="PerhapsSent",
                arrived=None,
            )
        if found is not None:
            self._seen(found)
        return found is not None

    async def trigger(self, writer: Writer, trigger: Trigger) -> tuple[Job, str | None]:
        """Send the trigger and find its job.

        A failed request may still have reached Azure, or the failure may pass. Then the job list is
        looked at first. The trigger is sent again only if the list has no job that it began.

        Returns:
            The new job and the correlation id of the trigger.

        Raises:
            AzureError: the trigger could not be sent, Azure refused it, or its job was never seen.
        """
        for sends in range(1, SENDS + 1):
            try:
                receipt = await self._send_when_free(writer, trigger)
            except AzureError as error:
                if not error.transient:
                    raise
                self._note(Waiting(text=f"{error.brief}: looking whether the backup began"))
                await self._patience.pause(error.retry_after)
                within = timedelta() if error.arrived is False else SHOWS_WITHIN
                found = await self._find(trigger, within)
                if found is not None:
                    return self._seen(found), error.correlation_id
                if sends == SENDS or self._patience.over:
                    raise
                await self._none_in_the_way(trigger)
            else:
                # Azure has accepted the trigger. From here on it is never sent again.
                return await self._job_of(receipt, trigger), receipt.correlation_id
        raise AssertionError("the loop above returns or raises")

    async def _send_when_free(self, writer: Writer, trigger: Trigger) -> Receipt:
        """Send the trigger; again while another operation holds the item.

        A refusal began nothing.
        """
        for _ in range(self._patience.looks):
            try:
                return await writer.begin(trigger.change, trigger.request_id)
            except AzureError as error:
                if error.code != OBJECT_LOCKED or self._patience.over:
                    raise
                busy = f"{trigger.change.what}: another operation holds the item"
                self._note(Waiting(text=busy))
                await self._patience.pause(error.retry_after)
        return await writer.begin(trigger.change, trigger.request_id)

    async def _job_of(self, receipt: Receipt, trigger: Trigger) -> Job:
        """The job that the accepted trigger began."""
        wait = receipt.retry_after
        while receipt.operation_url and not self._patience.over:
            try:
                answer = await self._reader.follow(receipt.operation_url)
            except AzureError as error:
                if not error.transient:
                    # A refused look says nothing of the backup, which Azure has accepted.
                    self._note(Waiting(text=f"waiting to see whether the backup began: {error}"))
                    break
                await self._patience.pause(error.retry_after)
                continue
            if answer.body is None:
                break  # the operation is gone; its job is in the list
            match text(answer.body, "status").lower():
                case "succeeded":
                    name = text(answer.body, "properties", "jobId")
                    named = await self._named(trigger, name) if name else None
                    if named is not None:
                        return self._seen(named)
                    break
                case "failed" | "canceled" | "cancelled":
                    code = text(answer.body, "error", "code") or "Failed"
                    message = text(answer.body, "error", "message")
                    raise AzureError(
                        f"Azure refused the backup: {code}: {message}",
                        code=code,
                        status=200,
                        correlation_id=receipt.correlation_id,
                    )
                case _:
                    self._note(Waiting(text="waiting until the backup job is created"))
                    await self._patience.pause(answer.retry_after or wait)
        found = await self._find(trigger, SHOWS_WITHIN)
        if found is None:
            raise AzureError(
                "the backup was accepted, but its job was not seen; look at the vault's jobs",
                code="JobNotSeen",
                status=202,
                correlation_id=receipt.correlation_id,
                arrived=None,
            )
        return self._seen(found)

    async def _named(self, trigger: Trigger, name: str) -> Job | None:
        """The job that the operation names, as soon as it can be seen.

        None if another request began that job, or if it is no new backup of this VM. Then the list
        is looked at.
        """
        job = await self._appeared(JobRef(vault=trigger.failed.vault, name=name))
        of_vm, ours = is_of(job, trigger.failed), trigger.began(job)
        new = ids.normal(job.id) not in trigger.known
        # A job that names no container is this VM's only if its activity id is the trigger's.
        proved = (of_vm and ours is not False) or (of_vm is None and ours)
        return job if new and proved else None

    async def _appeared(self, ref: JobRef) -> Job:
        """The named job, as soon as it can be seen."""
        while True:
            try:
                return await self._read_own(ref)
            except AzureError as error:
                if self._patience.over or not (error.transient or error.status == 404):
                    raise
                self._note(Waiting(text="waiting until the backup job is seen"))
                await self._patience.pause(error.retry_after)

    async def _none_in_the_way(self, trigger: Trigger) -> None:
        """Check that no job of this VM is running before the trigger is sent again.

        Raises:
            AzureError: a job is running that another request or the schedule began; or the list
                cannot be read.
        """
        rows, _ = await self._rows(trigger)
        running = next((row for row in rows if row.running), None)
        if running is not None:
            raise AzureError(
                f"the backup is not triggered again: {running.operation} job {running.id}, which "
                "this run did not begin, is running; run again when it has ended",
                code="AnotherJobRuns",
                arrived=False,
            )

    async def _rows(self, trigger: Trigger) -> tuple[tuple[JobRow, ...], datetime]:
        """The VM's recent jobs, and Azure's time of the answer.

        Raises:
            AzureError: the list cannot be read.
        """
        nothing = Failure(
            code=None,
            known=False,
            confidence=Confidence.NONE,
            evidence="",
            message="",
            recommendations=(),
        )
        about = Facts.of(trigger.failed, nothing)
        jobs = (await inspect(self._reader, about, {Source.JOBS})).jobs
        if isinstance(jobs, Unknown):
            raise AzureError(
                f"whether the backup began is not known: {jobs.reason}",
                code="JobsNotKnown",
                arrived=None,
            )
        return jobs.value, jobs.at

    async def _find(self, trigger: Trigger, within: timedelta) -> Job | None:
        """The job that the trigger began. None if the list shows none for as long as `within`.

        Azure's clock counts.

        Raises:
            AzureError: the list cannot be read, or it has a new backup of this VM that does not say
                who began it. A job that is not seen may still exist.
        """
        since: datetime | None = None
        while True:
            rows, at = await self._rows(trigger)
            ours = [row for row in rows if trigger.began(row)]
            if ours:
                # If the trigger was sent twice and both arrived, the later job failed at once.
                first = min(ours, key=lambda row: row.start or at)
                return await self._read_own(JobRef(vault=trigger.failed.vault, name=first.name))
            if perhaps := next((row for row in rows if trigger.began(row) is None), None):
                raise AzureError(
                    f"whether the backup began is not known: job {perhaps.id} is new, and does not "
                    "say which request began it; look at it in the vault's jobs",
                    code="JobsNotKnown",
                    arrived=None,
                )
            since = since or at
            if at - since >= within or self._patience.over:
                return None
            await self._patience.pause()

    async def _read(self, ref: JobRef) -> Job:
        try:
            return await read_job(self._reader, ref)
        except JobNotRemediableError as error:
            raise AzureError(str(error), code="JobNotSeen", status=404, arrived=None) from error

    async def _read_own(self, ref: JobRef) -> Job:
        """Read the job of a backup that Azure has accepted.

        Raises:
            AzureError: it cannot be read. That is no refusal of the backup, which may be running.
        """
        try:
            return await self._read(ref)
        except AzureError as error:
            raise AzureError(
                f"backup job {ref.id} was triggered but cannot be followed: {error}",
                code=error.code,
                status=error.status,
                correlation_id=error.correlation_id,
                arrived=None,
                retry_after=error.retry_after,
            ) from error

    async def to_the_end(self, job: Job) -> Job:
        """Look at the triggered job until it has ended or the time is up."""
        while job.running and not self._patience.over:
            self._note(Waiting(text=""))
            await self._patience.pause()
            try:
                job = self._seen(await self._read_own(self._ref(job)))
            except AzureError as error:
                if not error.transient:
                    raise
                self._note(Waiting(text=f"{error.brief}: looking again"))
                await self._patience.pause(error.retry_after)
        return job

    async def look_at(self, job_id: str) -> None:
        """Look at a job that this run triggered in another process."""
        self._seen(await self._appeared(JobRef.parse(job_id)))

    async def until_ended(self, job_id: str) -> JobRow:
        """Look at any job until it has ended or the time is up."""
        ref = JobRef.parse(job_id)
        seen: tuple[str, tuple[str, ...]] | None = None
        while True:
            job = await self._read(ref)
            if (state := (job.status, _stages(job))) != seen:
                seen = state
                self._note(
                    JobFollowed(
                        at=self._now(), job_id=job.id, status=state[0], tasks=state[1], ours=False
                    )
                )
            if not job.running or self._patience.over:
                return job
            self._note(Waiting(text=""))
            await self._patience.pause()

    def _ref(self, job: Job) -> JobRef:
        return JobRef(vault=job.vault, name=job.name)

    def _seen(self, job: Job) -> Job:
        before, self.job = self.job, job
        if before is None or (before.status, _stages(before)) != (job.status, _stages(job)):
            self._note(
                JobFollowed(at=self._now(), job_id=job.id, status=job.status, tasks=_stages(job))
            )
        return job


def _stages(job: JobRow) -> tuple[str, ...]:
    return tuple(f"{task.name}: {task.status}" for task in job.tasks)
