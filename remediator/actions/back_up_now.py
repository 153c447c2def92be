"""Trigger an on-demand backup, once."""

from collections.abc import Iterator
from typing import ClassVar, Final, Literal

from remediator.actions import Action
from remediator.facts import Absent, Facts, Known, Source, Unknown
from remediator.job import JobRow
from remediator.moments import shown
from remediator.operations import Operation
from remediator.step import Impact, Step
from remediator.words import is_protected, newer_success, running_jobs

PER_DAY: Final = 9
"""Azure refuses more on-demand backups of one VM in one UTC day (Azure VM support matrix)."""


class BackUpNow(Action):
    """Back the VM up and follow the new job to its end.

    Never while another job runs, never above nine in a UTC day, and not at all when a newer
    backup has already succeeded.
    """

    needs: ClassVar = frozenset({Source.ITEM, Source.JOBS})
    action: Literal["back-up-now"] = "back-up-now"

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One change, or the reason why not."""
        target = facts.job.vm_id or facts.job.id
        match facts.item:
            case Unknown(reason=reason):
                yield self.held(target, f"protected item not known: {reason}")
                return
            case Absent(source=source):
                yield self.held(target, f"the vault does not protect this VM ({source})")
                return
            case Known(value=item, source=source) if not is_protected(item):
                yield self.held(item.id, f"protection is {item.state} ({source})")
                return
            case Known(value=item):
                target = item.id
        match newer_success(facts):
            case Unknown(reason=reason):
                yield self.held(target, f"job history not known: {reason}")
                return
            case JobRow() as job:
                yield self.unchanged(
                    target, f"backup job {job.name} of {shown(job.start)} succeeded"
                )
                return
            case None:
                pass
        running = running_jobs(facts)
        if isinstance(running, Unknown) or not isinstance(facts.jobs, Known):
            yield self.held(target, "not known whether another job is running")
            return
        if running:
            yield self.held(
                target, f"{running[0].operation} job {running[0].name} is still running"
            )
            return
        today = facts.jobs.at.date()
        used = [
            r for r in facts.jobs.value if _on_demand(r) and r.start and r.start.date() == today
        ]
        if len(used) >= PER_DAY:
            yield self.held(
                target,
                f"{len(used)} on-demand backups were made on {today} (UTC); Azure allows {PER_DAY} "
                "a day: run again tomorrow",
            )
            return
        yield self.change(
            Operation.BACK_UP,
            target,
            what=f"back up {facts.job.vm_name or target} now and follow the job",
            why=(
                (
                    f"job {facts.job.name} ended {facts.job.status} with "
                    f"{facts.failure.code or 'no code'} ({facts.job.source})"
                ),
                (
                    f"no job of this VM is running; {len(used)} of {PER_DAY} on-demand ones used "
                    f"on {today} ({facts.jobs.source})"
                ),
            ),
            before={"job": facts.job.name, "status": facts.job.status},
            after={"job": "a new one", "status": "Completed"},
            impact=Impact.REVERSIBLE,
            undo="not needed: one more recovery point, which Azure keeps for 30 days",
            body={"properties": {"objectType": "IaasVMBackupRequest"}},
        )


def _on_demand(row: JobRow) -> bool:
    """Whether a job counts against the day's limit; one that does not say so counts too."""
    return row.is_backup and row.user_triggered is not False
