"""Facts: what the subscription says now, with the evidence.

A fact can be *unknown*, which is never *false*: it carries the reason, and whatever rests on it is
held. Each group of facts comes from one `Source`, read at most once for a plan.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Generic, TypeVar

from pydantic import AwareDatetime

from remediator import ids
from remediator.failure import Failure
from remediator.job import Job, JobRow, Subject
from remediator.value import Value

T = TypeVar("T")

_NUMBER = re.compile(r"[0-9]+")


class Source(StrEnum):
    """One group of facts, read with one kind of request."""

    VM = "vm"
    LOCKS = "locks"
    COLLECTIONS = "collections"
    POINTS = "points"
    ITEM = "item"
    POLICY = "policy"
    RECOVERY_POINTS = "recovery_points"
    JOBS = "jobs"
    OTHER_JOBS = "other_jobs"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not known, and why. Never to be taken for `False` or for "none"."""

    reason: str


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """A fact as read: the value, the request it came from, and Azure's time of the answer."""

    value: T
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Absent:
    """Known not to be there: Azure was asked, and said so."""

    source: str
    at: datetime


Fact = Known[T] | Unknown
Thing = Known[T] | Absent | Unknown
"""A fact about one resource, which may not exist."""


class PowerState(StrEnum):
    """The VM's `PowerState/…` status; `other` covers starting, stopping and what is new."""

    RUNNING = "running"
    STOPPED = "stopped"
    DEALLOCATED = "deallocated"
    OTHER = "other"


class Provisioning(StrEnum):
    """A resource's provisioningState: settled well, settled badly, or under way."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    DELETING = "deleting"
    UNDER_WAY = "under-way"


class AgentState(StrEnum):
    """What the platform last heard from the VM agent."""

    READY = "ready"
    NOT_READY = "not-ready"
    ABSENT = "absent"


class Extension(Value):
    """A VM extension."""

    name: str
    publisher: str
    type: str
    state: Provisioning
    message: str = ""

    @property
    def is_backup(self) -> bool:
        """Whether this is Azure Backup's own extension, for Windows or Linux."""
        return self.publisher.lower() == "microsoft.azure.recoveryservices" and (
            self.type.lower() in ("vmsnapshot", "vmsnapshotlinux")
        )


class DataDisk(Value):
    """A data disk of the VM, as the VM itself lists it."""

    lun: int
    name: str
    size_gb: int | None
    managed_id: str | None
    """None for an unmanaged disk, which lies in a storage account."""
    write_accelerated: bool


class Vm(Value):
    """The virtual machine."""

    id: str
    name: str
    location: str
    os: str
    power: PowerState
    provisioning: Provisioning
    agent: AgentState
    agent_message: str
    agent_version: str
    extensions: tuple[Extension, ...]
    size: str = ""
    """As `Standard_D2s_v5`."""
    unique_id: str | None = None
    """`properties.vmId`, which a VM keeps when it moves to another group or subscription."""
    os_version: str = ""
    """Name and version as the agent reports them; empty while it is silent."""
    agent_wanted: bool | None = None
    """`provisionVMAgent`; None when the VM does not say."""
    extensions_allowed: bool | None = None
    """`allowExtensionOperations`; None when the VM does not say."""
    reboot_pending: bool | None = None
    """By the last assessment of its patches; None when there was none."""
    managed: bool = True
    """Whether its system disk is a managed one."""
    disks: tuple[DataDisk, ...] = ()
    key_vaults: tuple[str, ...] = ()
    """Ids of the vaults that hold its disk encryption keys and secrets."""
    key_encryption: bool = False
    """Whether its disk encryption secrets are wrapped with a key (KEK)."""
    nics: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()


class Lock(Value):
    """A management lock, whole enough to be put back as it was."""

    id: str
    name: str
    scope: str
    level: str
    notes: str | None
    owners: tuple[str, ...]
    """Application ids. A lock that an application owns is never taken off."""

    @property
    def read_only(self) -> bool:
        """ReadOnly also blocks POST: no restart, no reapply, no backup from such a scope."""
        return self.level.lower() == "readonly"


class Collection(Value):
    """One of Azure Backup's restore point collections of this VM."""

    id: str
    name: str
    group: str
    service_group: bool | None
    """Whether its group is Azure Backup's own; None when the policy could not be asked."""


class Point(Value):
    """An instant restore point."""

    id: str
    name: str
    collection_id: str
    created: AwareDatetime | None
    consistency: str


class ProtectedItem(Value):
    """The VM as its vault protects it."""

    id: str
    name: str
    state: str
    policy_id: str | None
    vm_id: str | None
    deleted: bool
    """Soft-deleted: every remaining point counts as needed."""
    last_backup_status: str


class Policy(Value):
    """What matters here of a backup policy."""

    id: str
    instant_retention_days: int | None
    group_prefix: str | None
    group_suffix: str | None

    def names_group(self, group: str) -> bool:
        """Whether a group's name follows the customised pattern PREFIX n SUFFIX."""
        prefix, suffix = (self.group_prefix or "").lower(), (self.group_suffix or "").lower()
        name = group.lower()
        middle = name[len(prefix) : len(name) - len(suffix)]
        return bool(prefix) and name == prefix + middle + suffix and bool(_NUMBER.fullmatch(middle))


class Tier(StrEnum):
    """Where a recovery point's data lies."""

    INSTANT = "instant"
    VAULT = "vault"
    ARCHIVE = "archive"


class RecoveryPoint(Value):
    """A recovery point as the vault lists it."""

    time: AwareDatetime
    consistency: str
    valid: frozenset[Tier]
    """Tiers whose status is Valid; a status or tier that is not understood is left out."""
    in_use: bool
    """A file recovery session is open on its instant copy."""

    @property
    def in_vault(self) -> bool:
        """Whether a copy outside the restore point collection is proved valid."""
        return bool(self.valid & {Tier.VAULT, Tier.ARCHIVE})


_NOT_READ: Final = Unknown("not read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """What was read about one VM. A source that nobody needs stays unread."""

    subject: Subject
    vm: Thing[Vm] = _NOT_READ
    locks: Fact[tuple[Lock, ...]] = _NOT_READ
    collections: Fact[tuple[Collection, ...]] = _NOT_READ
    points: Fact[tuple[Point, ...]] = _NOT_READ
    item: Thing[ProtectedItem] = _NOT_READ
    policy: Thing[Policy] = _NOT_READ
    recovery_points: Fact[tuple[RecoveryPoint, ...]] = _NOT_READ
    jobs: Fact[tuple[JobRow, ...]] = _NOT_READ
    other_jobs: Fact[tuple[JobRow, ...]] = _NOT_READ

    def about(self, source: Source) -> Thing[object]:
        """The fact that a source brings."""
        found: Thing[object] = getattr(self, source.value)
        return found

    def read(self) -> frozenset[Source]:
        """The sources that were asked, whether or not they answered."""
        return frozenset(s for s in Source if self.about(s) is not _NOT_READ)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts(Readings):
    """All that is known for one job."""

    job: Job
    failure: Failure
    leases: tuple[Lock, ...] = field(default=())
    """Locks that this run took off, or will have taken off by the step being planned."""
    started: PowerState | None = None
    """The power state from which this run started the VM, or will have by the step being planned;
    None when it does not start it."""

    @classmethod
    def of(cls, job: Job, failure: Failure) -> "Facts":
        """Nothing read yet but the job itself."""
        return cls(subject=job.subject, job=job, failure=failure)

    def with_vm_started(self) -> "Facts":
        """As it will be once this run has started the VM; what its agent does then is not known."""
        match self.vm:
            case Known(value=vm):
                running = vm.model_copy(update={"power": PowerState.RUNNING})
                return replace(self, vm=replace(self.vm, value=running), started=vm.power)
            case _:
                return self

    def with_lock_off(self, lock_id: str) -> "Facts":
        """As it will be once this lock is off."""
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
        """As it will be once no job of this VM is running any more; how they end is not known."""

        def ended(fact: Fact[tuple[JobRow, ...]]) -> Fact[tuple[JobRow, ...]]:
            match fact:
                case Known(value=rows):
                    return replace(fact, value=tuple(row for row in rows if not row.running))
                case Unknown():
                    return fact

        return replace(self, jobs=ended(self.jobs), other_jobs=ended(self.other_jobs))
