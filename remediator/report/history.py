"""The history: what failed again and again, what recovered, and what helped. Data, no layout.

All of it is counted from stored runs and stored scans (`remediator.report.observed`). What they do
not tell is not known here, and is counted as not known.
"""

from datetime import date
from enum import StrEnum
from typing import Final, Literal

from pydantic import AwareDatetime

from remediator.language import marked
from remediator.value import Value

SCHEMA_VERSION: Final = "1"

By = Literal["day", "week"]
"""The length of one part of the trend. Days and weeks are those of UTC; a week begins on Monday."""


MeasuredBy = Literal["run", "record", "scan"]
"""What told the moment of a recovery."""


class Selection(Value):
    """What the history was narrowed to. An empty list: not narrowed."""

    vms: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    vaults: tuple[str, ...] = ()
    subscriptions: tuple[str, ...] = ()

    @property
    def narrow(self) -> bool:
        """Whether something is left out."""
        return bool(self.vms or self.codes or self.vaults or self.subscriptions)


class Sources(Value):
    """How much was read."""

    runs: int
    """Runs of the state that were begun in the period."""
    records: int
    """Runs that only their records still tell."""
    scans: int
    """Scans that ended in the period."""

    @property
    def empty(self) -> bool:
        """Whether nothing was recorded."""
        return not (self.runs or self.records or self.scans)


class Head(Value):
    """The numbers that are read first."""

    failures: int
    """Failed jobs that began in the period, each once."""
    vms: int
    """VMs with such a job."""
    incidents: int
    recovered: int
    """Incidents that ended with a backup that succeeded."""
    settled: int
    """Incidents that ended without a backup, because none was due."""
    open: int
    """Incidents whose end is not known. The VM may have recovered without being seen."""


class RecoveryTimes(Value):
    """Times to recovery, in seconds.

    A time goes from the start of the incident's first known failed job to the end of the backup
    job that proved the recovery (`by_run`). If only the run's record is left, it goes to the moment
    when the run saw this end (`by_record`). If only a scan saw the recovery, it goes to the newest
    recovery point that the scan saw, so it is the longest possible time (`by_scan`).
    """

    measured: int
    """The recovered incidents with a known time."""
    by_run: int
    """Those that end with the end of a backup job."""
    by_record: int
    """Those that end when a run saw the end of a backup job, by this machine's clock."""
    by_scan: int
    """Those that end with a recovery point that a scan saw."""
    unmeasured: int
    """Recovered incidents without a known time: the moment of the first failure or of the recovery
    is not known."""
    mean: float | None
    """None if no time is known."""
    median: float | None
    longest: float | None


class Recurring(Value):
    """The failures of one VM with one code."""

    vm: str
    vm_id: str | None
    vault: str
    """The ARM id of the vault."""
    subscription: str
    """The VM's subscription. If nothing tells it, the vault's."""
    code: str | None
    """None if nothing that was read tells it."""
    failures: int
    first: AwareDatetime
    """When the first of these jobs began."""
    last: AwareDatetime
    """When the last of these jobs began."""
    incidents: int
    """The incidents in which this code was seen."""
    recovered: int
    """Those of them that ended with a backup that succeeded."""
    open: bool
    """Whether one of them is not known to have ended."""
    median: float | None
    """The median of their known times to recovery, in seconds."""


class IncidentState(StrEnum):
    """How an incident ended."""

    RECOVERED = marked("recovered")
    """With a backup that succeeded."""
    SETTLED = marked("settled")
    """Without a backup, because none was due."""
    OPEN = marked("open")
    """Its end is not known."""


class Incident(Value):
    """A VM's failures from the first one to the backup that succeeded."""

    vm: str
    vm_id: str | None
    vault: str
    subscription: str
    codes: tuple[str, ...]
    """The codes of its failures, each once."""
    failures: int
    """How many jobs failed. Those before the period count here."""
    first_failure: AwareDatetime
    last_failure: AwareDatetime
    state: IncidentState
    recovered_at: AwareDatetime | None = None
    """When it ended, or when that was seen first. None while it is open."""
    seconds: float | None = None
    """The time to recovery. None if it is not known, or if there was none."""
    measured_by: MeasuredBy | None = None
    """What told the moment of the recovery."""
    run_id: str | None = None
    """The run that proved the end. None if no run did."""


class Success(Value):
    """What became of runs. Each run is in exactly one of the numbers after `applied`."""

    runs: int
    applied: int
    """Runs that made at least one change."""
    recovered: int
    """The run's own backup succeeded."""
    settled: int
    """No backup was due, and the effect of the changes was seen."""
    recovered_meanwhile: int
    """Another backup succeeded meanwhile. This says nothing about the remedy."""
    failed_again: int
    """The run's own backup failed with the same code."""
    failed_otherwise: int
    """The run's own backup failed with another code, or without one."""
    needs_human: int
    """The run stopped before a backup could prove anything."""
    uncertain: int
    """It is not known what became of the run: it has not ended, its backup was still running, or
    the effect of a change was not seen."""
    stale: int
    """The subscription had changed, so nothing was done."""


class PlaybookSuccess(Success):
    """The runs of one playbook."""

    playbook: str
    title: str


class RemedySuccess(Success):
    """The runs of one remedy of a playbook."""

    playbook: str
    rung: str
    title: str


class LeftAlone(Value):
    """VMs that one guard or limit left alone in scans."""

    guard: str | None
    """None if a plan was refused for another reason, such as a run at the same VM."""
    vms: int
    times: int
    """How often a scan found a VM and left it alone."""
    last: AwareDatetime


class Part(Value):
    """One day or one week of the trend."""

    start: date
    failures: int
    vms: int
    """VMs that failed."""
    recovered: int
    """Incidents that ended with a backup that succeeded, or whose recovery was seen first."""
    runs: int
    """Runs that were begun."""


class History(Value):
    """What stored runs and scans tell of a period."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    since: AwareDatetime
    until: AwareDatetime
    selection: Selection
    sources: Sources
    head: Head
    times: RecoveryTimes
    recurring: tuple[Recurring, ...]
    """The failures of each VM with each code, the most frequent first."""
    incidents: tuple[Incident, ...]
    """The newest first."""
    playbooks: tuple[PlaybookSuccess, ...]
    remedies: tuple[RemedySuccess, ...]
    left_alone: tuple[LeftAlone, ...]
    by: By
    trend: tuple[Part, ...]
    """From the first part in which something happened, the oldest first."""
    unread: tuple[str, ...] = ()
    """What was stored and could not be read, with the reasons. It is missing above."""
