"""Run: the durable record of applying a plan. A change that was not made has an outcome too."""

from enum import StrEnum
from pathlib import Path
from shlex import join
from typing import Annotated, Any, Final, Literal, Protocol

from pydantic import AwareDatetime, Field, TypeAdapter

from remediator.change.guest import GuestAnswer
from remediator.change.operations import Operation
from remediator.change.step import Change
from remediator.facts import Lock
from remediator.job.job import Job
from remediator.plan.plan import Plan
from remediator.value import Value


class Result(StrEnum):
    """How a planned change ended."""

    APPLIED = "applied"
    """Carried out, and seen to have taken effect."""
    UNSETTLED = "unsettled"
    """Carried out, but its effect was not seen in time."""
    UNNEEDED = "unneeded"
    """Nothing was left to do when its turn came."""
    FAILED = "failed"
    """Azure refused it, or it failed."""
    UNCERTAIN = "uncertain"
    """Sent, or perhaps sent. Its effect is not known."""
    STALE = "stale"
    """Not sent, because the subscription had changed."""
    NOT_REACHED = "not-reached"
    """Not made, because an earlier step stopped the run."""

    @property
    def puts_back(self) -> bool:
        """Whether a change that puts back has ended as it should.

        Such a change is not reached only if there was nothing to put back.
        """
        return self in (Result.APPLIED, Result.UNNEEDED, Result.NOT_REACHED)


class Outcome(Value):
    """The result of one change of the plan."""

    step: int
    """The change's place among the plan's steps, counted from 1."""
    result: Result
    text: str
    correlation_id: str | None = None
    ended: AwareDatetime
    guest: GuestAnswer | None = None
    """The answer of the guest script."""
    arrived: bool | None = None
    """For a failed change: False if it certainly had no effect, True if Azure had accepted it.

    None if that is not known, or if no change failed.
    """
    recovered_by: str | None = None
    """The backup job that succeeded meanwhile and made this step unneeded."""


class Intent(Value):
    """An intent is on disk before its change is sent."""

    kind: Literal["intent"] = "intent"
    at: AwareDatetime
    step: int
    change: Change
    process: str
    """The process that wrote the intent.

    Another process that finds it cannot know whether it was sent.
    """
    known_jobs: tuple[str, ...] = ()
    """Only for a backup: the VM's jobs that were there before.

    A new job that does not say which request began it may be this run's.
    """
    request_id: str | None = None
    """Only for a change that begins a job: the request id. The job is recognized by it."""


class Sent(Value):
    """A change that Azure has accepted."""

    kind: Literal["sent"] = "sent"
    at: AwareDatetime
    step: int
    token: str | None = None
    """The token of the long-running operation. Another process can follow the operation with it."""
    correlation_id: str | None
    note: str = ""
    """Why the change was not sent again: a look found it done."""


class Interrupted(Value):
    """A person or the system asked the run to stop."""

    kind: Literal["interrupted"] = "interrupted"
    at: AwareDatetime


class Ended(Value):
    """The end of a change."""

    kind: Literal["outcome"] = "outcome"
    outcome: Outcome


class LeaseTaken(Value):
    """A lock, written down whole before it is removed."""

    kind: Literal["lease"] = "lease"
    at: AwareDatetime
    lock: Lock


class LeaseReturned(Value):
    """A lock that was put back."""

    kind: Literal["lease-returned"] = "lease-returned"
    at: AwareDatetime
    lock_id: str


class Began(Value):
    """The run's first entry: the plan in full."""

    kind: Literal["began"] = "began"
    at: AwareDatetime
    run_id: str
    plan: Plan


class JobFollowed(Value):
    """A followed job: when it appeared, and each change of its state."""

    kind: Literal["job"] = "job"
    at: AwareDatetime
    job_id: str
    status: str
    tasks: tuple[str, ...]
    ours: bool = True
    """Whether this run triggered the job. False for a job that the run only waited for."""


class Refused(Value):
    """The run was not begun: the plan no longer fits the subscription."""

    kind: Literal["refused"] = "refused"
    at: AwareDatetime
    text: str


class Concluded(Value):
    """The run's last entry. A record without one was interrupted."""

    kind: Literal["concluded"] = "concluded"
    at: AwareDatetime
    verdict: str
    text: str


Entry = Annotated[
    Began
    | Intent
    | Sent
    | LeaseTaken
    | LeaseReturned
    | Ended
    | JobFollowed
    | Interrupted
    | Refused
    | Concluded,
    Field(discriminator="kind"),
]


_ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)


def entry_from(row: dict[str, Any]) -> Entry:
    """The entry that a ledger remembers.

    Raises:
        pydantic.ValidationError: the row is no entry.
    """
    return _ENTRY.validate_python(row)


class Waiting(Value):
    """Only time passed; this says what the run waits for. It is shown, never recorded."""

    kind: Literal["waiting"] = "waiting"
    text: str
    """What the run waits for. Empty: the end of the job that was followed last."""
    left: float | None = None
    """The seconds after which the run waits no longer. None if not known."""


class Journal(Protocol):
    """Keeps entries for good. An entry is on disk when `write` returns."""

    def write(self, entry: Entry) -> None:
        """Add an entry at the end.

        Raises:
            UnwrittenError: the entry cannot be added.
        """
        ...


class Record(Journal, Protocol):
    """A journal in a file, so that a person can be told where it is."""

    @property
    def path(self) -> Path:
        """The path of the file."""
        ...


class Watcher(Protocol):
    """Is shown each event as it happens."""

    def see(self, event: Entry | Waiting) -> None:
        """Take note of an event."""
        ...


class PowerOwed(Value):
    """A VM that the run started or stopped, and did not see brought back."""

    step: int
    """The place of the step that brings the VM back, among the plan's steps, counted from 1."""
    vm_id: str
    command: str
    """The command with which a person brings the VM back."""


def power_command(change: Change) -> str:
    """The command with which a person changes a VM's power as the step would."""
    return join(["az", "vm", _POWER[change.operation], "--ids", change.target])


_POWER: Final = {
    Operation.START_VM: "start",
    Operation.POWER_OFF_VM: "stop",
    Operation.DEALLOCATE_VM: "deallocate",
}


class NewPoint(Value):
    """The recovery point of a backup that succeeded."""

    consistency: str
    told: str
    """The end of a sentence about the backup: what its point is, and whether it should be more."""
    worse: bool = False
    """Whether the point before was more consistent, and nothing known explains the difference."""


class Applied(Value):
    """The result of applying a plan."""

    run_id: str
    plan: Plan
    outcomes: tuple[Outcome, ...]
    new_job: Job | None
    """The on-demand backup's job, as last seen."""
    new_point: NewPoint | None = None
    """The recovery point of that job, if it succeeded and the vault tells the point."""
    recovered_by: str | None
    """Another backup that succeeded meanwhile."""
    job_unread: str | None = None
    """Why the on-demand backup's job could not be read, although the job exists."""
    leases_open: tuple[Lock, ...]
    """Locks taken off and not put back."""
    leases_owed: tuple[Lock, ...]
    """Those of the open leases that should be on again."""
    leases_unsure: tuple[Lock, ...] = ()
    """Those of the open leases of which it is not known whether they are on."""
    power_owed: tuple[PowerOwed, ...] = ()
    """The changes of the VM's power that are still to be made."""
    put_back_by_others: tuple[Lock, ...] = ()
    """Locks that were to stay off and are on again. They are listed as they are now."""
    interrupted: bool = False
