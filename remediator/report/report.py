"""Report: all about the treatment of one job, as data. Views show it."""

from typing import Final, Literal

from pydantic import AwareDatetime

from remediator.facts import Lock
from remediator.job.job import Job
from remediator.plan.plan import Plan
from remediator.run.run import Outcome, PowerOwed
from remediator.run.verdict import Ending, Verdict
from remediator.value import Value

SCHEMA_VERSION: Final = "1"


class Report(Value):
    """What was planned, done, and proved."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    run_id: str
    record: str
    """The path of the run's record."""
    audit_head: str | None = None
    """The audit trail's last line when the run ended, for `remediate audit verify --head`.

    A copy of it kept elsewhere shows later that no line is missing.
    """
    started: AwareDatetime
    ended: AwareDatetime
    plan: Plan
    outcomes: tuple[Outcome, ...]
    new_job: Job | None
    verdict: Verdict
    locks_left_off: tuple[Lock, ...]
    locks_owed: tuple[Lock, ...]
    """Locks that should be on and could not be put back. Nothing in a report is more urgent."""
    locks_unsure: tuple[Lock, ...] = ()
    """Those of the locks above of which it is not known whether they are on.

    A request about them was sent, and its effect was not seen.
    """
    power_owed: tuple[PowerOwed, ...] = ()
    """VMs that the run started or stopped and that could not be put back."""
    interrupted: bool
    next: tuple[str, ...]
    """What to do now: commands, or a sentence."""

    @property
    def locks_off(self) -> tuple[Lock, ...]:
        """The locks that are known to be off and should be on."""
        return tuple(lock for lock in self.locks_owed if lock not in self.locks_unsure)

    @property
    def fixed(self) -> bool:
        """Whether the backup is proved to work again, or nothing is left to do."""
        return self.verdict.ending in (Ending.RECOVERED, Ending.SETTLED)
