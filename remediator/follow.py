"""Triggering a backup exactly once, and following jobs to their end."""

from collections.abc import Callable
from datetime import datetime

from remediator.errors import AzureError
from remediator.facts import Facts, Known, Source
from remediator.failure import Confidence, Failure
from remediator.inspect import inspect, read_job
from remediator.inspect.wire import text
from remediator.job import Job, JobRef, JobRow
from remediator.patience import Patience
from remediator.reading import Reader
from remediator.run import Entry, JobFollowed, Waiting
from remediator.step import Change
from remediator.writing import Receipt, Writer

SENDS = 3
"""How often the trigger may be sent at most, each time only after no new job was found."""

LOOKS_FOR_JOB = 3
"""Looks at the job list before a trigger whose fate is unknown is believed not to have arrived.
A job may show late in the list, so one look proves nothing."""

Note = Callable[[Entry | Waiting], None]


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

    async def trigger(
        self, writer: Writer, change: Change, failed: Job, known: frozenset[str]
    ) -> tuple[Job, str | None]:
        """Send the trigger and find its job.

        After a failure that may have reached Azure, or might pass, the job list is looked at
        first; the trigger is sent again only when no new job of this VM is there.

        Args:
            writer: sends.
            change: the trigger.
            failed: the job in question; the new one is of the same VM and vault.
            known: ids, in lower case, of the jobs there before.

        Returns:
            The new job and the correlation id of the trigger.

        Raises:
            AzureError: it could not be sent, Azure refused it, or its job was never seen.
        """
        for sends in range(1, SENDS + 1):
            try:
                receipt = await writer.send(change)
                return await self._job_of(receipt, failed, known), receipt.correlation_id
            except AzureError as error:
                if not error.transient or sends == SENDS or self._patience.over:
                    raise
                self._note(Waiting(text=f"{error.code}: looking whether the backup began"))
                await self._patience.pause(error.retry_after)
                found = await self._find_new(failed, known)
                if found is not None:
                    return self._seen(found), error.correlation_id
        raise AssertionError("the loop above returns or raises")

    async def _job_of(self, receipt: Receipt, failed: Job, known: frozenset[str]) -> Job:
        """The job that an accepted trigger led to."""
        wait = receipt.retry_after
        while receipt.operation_url and not self._patience.over:
            try:
                answer = await self._reader.follow(receipt.operation_url)
            except AzureError as error:
                if not error.transient:
                    raise
                await self._patience.pause(error.retry_after)
                continue
            match text(answer.body, "status").lower():
                case "succeeded":
                    name = text(answer.body, "properties", "jobId")
                    if name:
                        ref = JobRef(vault=failed.vault, name=name)
                        return self._seen(await read_job(self._reader, ref))
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
        found = await self._find_new(failed, known)
        if found is None:
            raise AzureError(
                "the backup was accepted, but its job was not seen; look at the vault's jobs",
                code="JobNotSeen",
                status=202,
                correlation_id=receipt.correlation_id,
                arrived=None,
            )
        return self._seen(found)

    async def _find_new(self, failed: Job, known: frozenset[str]) -> Job | None:
        nothing = Failure(
            code=None,
            known=False,
            confidence=Confidence.NONE,
            evidence="",
            message="",
            recommendations=(),
        )
        for look in range(LOOKS_FOR_JOB):
            if look:
                await self._patience.pause()
            facts = await inspect(self._reader, Facts(failed, nothing), {Source.JOBS})
            rows = facts.jobs.value if isinstance(facts.jobs, Known) else ()
            for row in rows:
                if (
                    row.is_backup
                    and row.id.lower() not in known
                    and row.user_triggered is not False
                ):
                    return await read_job(self._reader, JobRef(vault=failed.vault, name=row.name))
        return None

    async def to_the_end(self, job: Job) -> Job:
        """Look at the triggered job until it has ended or the time is up."""
        while job.running and not self._patience.over:
            await self._patience.pause()
            try:
                job = self._seen(await read_job(self._reader, self._ref(job)))
            except AzureError as error:
                if not error.transient:
                    raise AzureError(
                        f"backup job {job.id} was triggered but cannot be followed: {error}",
                        code=error.code,
                        status=error.status,
                        correlation_id=error.correlation_id,
                        arrived=None,
                    ) from error
                self._note(Waiting(text=f"{error.code}: looking again"))
                await self._patience.pause(error.retry_after)
        return job

    async def until_ended(self, job_id: str) -> JobRow:
        """Look at any job until it has ended or the time is up."""
        ref = JobRef.parse(job_id)
        seen: tuple[str, tuple[str, ...]] | None = None
        while True:
            job = await read_job(self._reader, ref)
            if (state := (job.status, _stages(job))) != seen:
                seen = state
                self._note(
                    JobFollowed(at=self._now(), job_id=job.id, status=state[0], tasks=state[1])
                )
            if not job.running or self._patience.over:
                return job
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
