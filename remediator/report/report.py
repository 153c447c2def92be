"""Report: the whole story of one job as data; views render it."""

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
    """Where the run's journal lies."""
    audit_head: str | None = None
    """The audit trail's last line when the run ended, as `remediate audit verify --head` takes it:
    kept elsewhere, it shows later that no line is missing."""
    started: AwareDatetime
    ended: AwareDatetime
    plan: Plan
    outcomes: tuple[Outcome, ...]
    new_job: Job | None
    verdict: Verdict
    locks_left_off: tuple[Lock, ...]
    locks_owed: tuple[Lock, ...]
    """Locks that should be on and could not be put back: the loudest line there is."""
    power_owed: tuple[PowerOwed, ...] = ()
    """A VM that the run started or stopped, and that could not be put back."""
    interrupted: bool
    next: tuple[str, ...]
    """What to do now: commands, or a sentence."""

    @property
    def fixed(self) -> bool:
        """Whether the backup is proved to work again, or nothing is left to be done."""
        return self.verdict.ending in (Ending.RECOVERED, Ending.SETTLED)
