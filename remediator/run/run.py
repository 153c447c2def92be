"""Run: the durable record of applying a plan. What was not done is a value with a reason, too."""

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
    """When its turn came there was nothing left to do."""
    FAILED = "failed"
    """Azure refused it, or it failed."""
    UNCERTAIN = "uncertain"
    """Sent, or perhaps sent; whether it had an effect is not known."""
    STALE = "stale"
    """The subscription had changed: it was not sent."""
    NOT_REACHED = "not-reached"
    """An earlier step stopped the run before it."""

    @property
    def puts_back(self) -> bool:
        """Whether what puts something back has ended as it should.

        It is not reached only where there was nothing to put back.
        """
        return self in (Result.APPLIED, Result.UNNEEDED, Result.NOT_REACHED)


class Outcome(Value):
    """What became of one change of the plan."""

    step: int
    """Its place among the plan's steps, from 1."""
    result: Result
    text: str
    correlation_id: str | None = None
    ended: AwareDatetime
    guest: GuestAnswer | None = None
    """What a guest script said of its work."""
    arrived: bool | None = None
    """Of a change that failed: whether it had reached Azure."""
    recovered_by: str | None = None
    """The backup job that had succeeded meanwhile, which made this step unneeded."""


class Intent(Value):
    """Written, and on disk, before a change is sent."""

    kind: Literal["intent"] = "intent"
    at: AwareDatetime
    step: int
    change: Change
    process: str
    """Whose intent it was: another process that finds it cannot know whether it was sent."""
    known_jobs: tuple[str, ...] = ()
    """Of a backup: the VM's jobs that were there before. A new one that does not say which request
    began it may be this run's."""
    request_id: str | None = None
    """Of what begins a job: the id that it is sent with, and by which its job is known."""


class Sent(Value):
    """A change that Azure has accepted."""

    kind: Literal["sent"] = "sent"
    at: AwareDatetime
    step: int
    token: str | None = None
    """By which its long-running operation is followed, also by another process."""
    correlation_id: str | None
    note: str = ""
    """Why it was not sent again: it was found done."""


class Interrupted(Value):
    """The person, or the system, asked the run to stop."""

    kind: Literal["interrupted"] = "interrupted"
    at: AwareDatetime


class Ended(Value):
    """A change's end."""

    kind: Literal["outcome"] = "outcome"
    outcome: Outcome


class LeaseTaken(Value):
    """A lock, whole, before it goes."""

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
    """The new backup job, when it appeared and whenever its state changed."""

    kind: Literal["job"] = "job"
    at: AwareDatetime
    job_id: str
    status: str
    tasks: tuple[str, ...]
    ours: bool = True
    """Whether this run triggered it; a job that was only waited for is not."""


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
        pydantic.ValidationError: it is none.
    """
    return _ENTRY.validate_python(row)


class Waiting(Value):
    """Nothing happened but time: what is being waited for. Shown, never recorded."""

    kind: Literal["waiting"] = "waiting"
    text: str


class Journal(Protocol):
    """Where entries go to last. An entry is on disk when `write` returns."""

    def write(self, entry: Entry) -> None:
        """Add an entry at the end.

        Raises:
            UnwrittenError: it cannot be added.
        """
        ...


class Record(Journal, Protocol):
    """A journal that a person can be pointed to."""

    @property
    def path(self) -> Path:
        """Where it lies."""
        ...


class Watcher(Protocol):
    """Whoever is shown what happens, as it happens."""

    def see(self, event: Entry | Waiting) -> None:
        """Take note of an event."""
        ...


class PowerOwed(Value):
    """A VM that the run started or stopped, and did not see put back."""

    step: int
    """The place of what puts it back among the plan's steps, from 1."""
    vm_id: str
    command: str
    """By which a person puts it back."""


def power_command(change: Change) -> str:
    """The command by which a person changes a VM's power as a step would."""
    return join(["az", "vm", _POWER[change.operation], "--ids", change.target])


_POWER: Final = {
    Operation.START_VM: "start",
    Operation.POWER_OFF_VM: "stop",
    Operation.DEALLOCATE_VM: "deallocate",
}


class Applied(Value):
    """What applying a plan came to."""

    run_id: str
    plan: Plan
    outcomes: tuple[Outcome, ...]
    new_job: Job | None
    """The on-demand backup's job, as last seen."""
    recovered_by: str | None
    """Another backup that succeeded meanwhile."""
    job_unread: str | None = None
    """Why the on-demand backup's job, which there is, could not be read."""
    leases_open: tuple[Lock, ...]
    """Locks taken off and not put back."""
    leases_owed: tuple[Lock, ...]
    """Of these, the ones that should be on again."""
    power_owed: tuple[PowerOwed, ...] = ()
    """What is left to be done for the VM's power."""
    put_back_by_others: tuple[Lock, ...] = ()
    """Locks that were to stay off and are on again, as they are now."""
    interrupted: bool = False
