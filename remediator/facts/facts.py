"""Everything that is known for one job, and the expected state after a plan's steps."""

from dataclasses import dataclass, field, replace
from typing import Any

from remediator import ids
from remediator.change.operations import Operation
from remediator.facts.attempts import Climbed
from remediator.facts.fact import Absent, Fact, Known, Unknown
from remediator.facts.locks import Lock
from remediator.facts.machine import Outset, PowerState
from remediator.facts.protection import ProtectedItem
from remediator.facts.readings import Readings
from remediator.facts.settings import NOTHING_TOLD, Settings
from remediator.job.failure import Failure
from remediator.job.job import Job, JobRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts(Readings):
    """Everything that is known for one job."""

    job: Job
    failure: Failure
    leases: tuple[Lock, ...] = field(default=())
    """Locks that this run took off, or will have taken off before the step that is being
    planned."""
    started: PowerState | None = None
    """The power state from which this run started the VM, or will have started it before the step
    that is being planned. None when the run does not start the VM."""
    climbed: Climbed | None = None
    """How far up the playbook's ladder the attempts lead. None while no ladder was looked at."""
    done: frozenset[Operation] = frozenset()
    """Operations of this run on the VM that no later reading shows: a restart, or a stop followed
    by a start."""
    outset: Outset | None = None
    """How the agent was when Azure had just carried out the change that is being followed. None
    while no such change is followed."""

    @classmethod
    def of(cls, job: Job, failure: Failure, settings: Settings = NOTHING_TOLD) -> "Facts":
        """The facts when only the job itself has been read."""
        return cls(subject=job.subject, job=job, failure=failure, settings=settings)

    def placed(self, vm_id: str) -> "Facts":
        """Like `Readings.placed`. The job then tells the VM's place too."""
        found = super(Facts, self).placed(vm_id)
        return replace(found, job=self.job.model_copy(update={"placed": vm_id}))

    def with_vm_started(self) -> "Facts":
        """The facts after this run has started the VM.

        The agent's state at that time is not known.
        """
        match self.vm:
            case Known(value=vm):
                running = vm.model_copy(update={"power": PowerState.RUNNING})
                return replace(self, vm=replace(self.vm, value=running), started=vm.power)
            case _:
                return self

    def with_protection(self, item_id: str, wanted: dict[str, Any]) -> "Facts":
        """The facts after the protected item has been put with these properties."""
        policy = wanted.get("policyId") or None
        state = "Protected" if policy else str(wanted.get("protectionState"))
        extended = wanted.get("extendedProperties")
        match self.item:
            case Known(value=item, source=source, at=at):
                put = {
                    "state": state,
                    "policy_id": policy,
                    "deleted": False,
                    "extended": item.extended if extended is None else extended,
                }
                return replace(self, item=Known(item.model_copy(update=put), source, at))
            case Absent(source=source, at=at):
                made = ProtectedItem(
                    id=item_id,
                    name=item_id.rsplit("/", 1)[-1],
                    state=state,
                    policy_id=policy,
                    vm_id=wanted.get("sourceResourceId"),
                    deleted=False,
                    last_backup_status="",
                    extended=extended,
                )
                return replace(self, item=Known(made, source, at))
            case Unknown():
                return self

    def with_lock_off(self, lock_id: str) -> "Facts":
        """The facts after this lock is off."""
        match self.locks:
            case Known(value=locks):
                gone = tuple(lock for lock in locks if ids.same(lock.id, lock_id))
                left = tuple(lock for lock in locks if not ids.same(lock.id, lock_id))
                return replace(
                    self, locks=replace(self.locks, value=left), leases=self.leases + gone
                )
            case Unknown():
                return self

    def with_jobs_ended(self) -> "Facts":
        """The facts after all jobs of this VM have ended. The results of the jobs are not known."""

        def ended(fact: Fact[tuple[JobRow, ...]]) -> Fact[tuple[JobRow, ...]]:
            match fact:
                case Known(value=rows):
                    return replace(fact, value=tuple(row for row in rows if not row.running))
                case Unknown():
                    return fact

        return replace(self, jobs=ended(self.jobs), other_jobs=ended(self.other_jobs))
