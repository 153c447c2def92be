"""Trigger an on-demand backup, once."""

from collections.abc import Iterator
from datetime import UTC
from typing import ClassVar, Literal

from remediator import ids
from remediator.actions import Action
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.conditions.jobs import newer_success, running_as_far_as_seen
from remediator.conditions.protection import is_protected
from remediator.facts import Absent, Facts, Known, Lock, Source, Unknown
from remediator.job.job import ON_DEMAND_PER_DAY, JobRow
from remediator.moments import shown
from remediator.retention import RETAIN_DAYS, retained


class BackUpNow(Action):
    """Back the VM up and follow the new job to its end.

    This never happens while another job is running, or after nine backups in a UTC day. It does not
    happen at all if a newer backup has already succeeded.
    """

    needs: ClassVar = frozenset({Source.ITEM, Source.JOBS})
    changes: ClassVar = frozenset(
        {"clean_up", "collection", "restore_points", "running_job", "snapshot_extension"}
    )
    action: Literal["back-up-now"] = "back-up-now"

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One change, or the reason for no change."""
        target = facts.job.vm_id or facts.job.id
        match facts.item:
            case Unknown(reason=reason):
                yield self.held(target, f"protected item not known: {reason}")
            case Absent(source=source):
                yield self.held(target, f"the vault does not protect this VM ({source})")
            case Known(value=item, source=source) if not is_protected(item):
                yield self.held(item.id, f"protection is {item.state} ({source})")
            case Known(value=item):
                yield self._of(item.id, facts)

    def _of(self, target: str, facts: Facts) -> Step:
        """The step for a protected item, from its job history and the locks."""
        if lock := _forbidding(target, facts):
            return self.held(target, f"ReadOnly lock {lock.name} on {lock.scope} forbids it")
        match facts.jobs, newer_success(facts), running_as_far_as_seen(facts):
            case _, JobRow() as newer, _:
                told = f"backup job {newer.name} of {shown(newer.start)} succeeded"
                return self.unchanged(target, told)
            case (
                (Unknown(reason=reason), _, _)
                | (_, Unknown(reason=reason), _)
                | (_, _, Unknown(reason=reason))
            ):
                return self.held(target, f"job history not known: {reason}")
            case _, _, (first, *_):
                return self.held(target, f"{first.operation} job {first.name} is still running")
            case Known() as jobs, None, _:
                return self._within_the_day(target, facts, jobs)

    def _within_the_day(self, target: str, facts: Facts, jobs: Known[tuple[JobRow, ...]]) -> Step:
        """The change, unless the backups of this UTC day are used up."""
        today = jobs.at.date()
        begun = [r for r in jobs.value if r.is_backup and r.start and r.start.date() == today]
        used = [row for row in begun if row.begun_on_demand is not False]
        if len(used) >= ON_DEMAND_PER_DAY:
            return self.held(
                target,
                f"{len(used)} on-demand backups were made on {today} (UTC); Azure allows "
                f"{ON_DEMAND_PER_DAY} a day: run again tomorrow",
            )
        read = facts.job.seen.astimezone(UTC).date()
        keep = facts.settings.retain_until or retained(read, RETAIN_DAYS)
        code = facts.failure.code or "no code"
        room = f"no job of this VM is running; backups begun on {today} (UTC): {len(begun)}"
        return self.change(
            Operation.BACK_UP,
            target,
            what=f"back up {facts.job.vm_name or target} now and follow the job",
            why=(
                f"job {facts.job.name} ended {facts.job.status} with {code} ({facts.job.source})",
                f"{room} ({jobs.source})",
            ),
            before={"job": facts.job.name, "status": facts.job.status},
            after={"job": "a new one", "status": "Completed"},
            impact=Impact.REVERSIBLE,
            undo=f"not needed: one more recovery point, which Azure keeps until {keep}",
            # Every recorded client sends the expiry. The effect of leaving it out is not known.
            body={
                "properties": {
                    "objectType": "IaasVMBackupRequest",
                    "recoveryPointExpiryTimeInUTC": f"{keep}T00:00:00Z",
                }
            },
        )


def _forbidding(target: str, facts: Facts) -> Lock | None:
    """A lock that forbids the trigger, if locks were read: the steps before it would be useless.

    If locks were not read, Azure may refuse the trigger. That costs nothing.
    """
    locks = facts.locks.value if isinstance(facts.locks, Known) else ()
    return next((lock for lock in locks if lock.read_only and ids.covers(lock.scope, target)), None)
