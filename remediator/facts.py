"""Facts: what the subscription says now, with the evidence.

A fact can be *unknown*, which is never *false*: it carries the reason, and whatever rests on it is
held. Each group of facts comes from one `Source`, read at most once for a plan.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar

from pydantic import AwareDatetime

from remediator import ids
from remediator.failure import Failure
from remediator.job import Job, JobRow, Subject
from remediator.operations import Operation
from remediator.outbound import Interface
from remediator.restore_needs import Network, Provider, StorageAccount, Usage
from remediator.settings import NOTHING_TOLD, Settings
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
    OTHER_ITEMS = "other_items"
    WHEREABOUTS = "whereabouts"
    POLICY_CHOICE = "policy_choice"
    PROTECTABLE = "protectable"
    DISKS = "disks"
    DISK_POINTS = "disk_points"
    GROUPS = "groups"
    TAG_DEMANDS = "tag_demands"
    KEY_VAULTS = "key_vaults"
    VAULT_PLACE = "vault_place"
    STORAGE_ACCOUNTS = "storage_accounts"
    NETWORKS = "networks"
    COMPUTE_USAGES = "compute_usages"
    PROVIDERS = "providers"
    INTERFACES = "interfaces"
    CPU = "cpu"
    NEIGHBOURS = "neighbours"
    ATTEMPTS = "attempts"
    SUBSCRIPTION_TAGS = "subscription_tags"


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
    listed: bool = True
    """False for a handler that only the agent tells of."""

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
    agent_heard: AwareDatetime | None = None
    """When the platform last heard from the agent; None when that is not told."""
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
    state: Provisioning = Provisioning.SUCCEEDED


class Point(Value):
    """An instant restore point."""

    id: str
    name: str
    collection_id: str
    created: AwareDatetime | None
    consistency: str
    vm_unique_id: str | None = None
    """The VM's `vmId` when the point was made; None when the point does not tell."""


class DiskPoint(Value):
    """The copy of one disk in an instant restore point. No read tells whether it is shared."""

    id: str
    name: str
    point_id: str


class Group(Value):
    """A resource group."""

    id: str
    name: str
    location: str
    tags: tuple[tuple[str, str], ...]

    def tag(self, name: str) -> str | None:
        """A tag's value; Azure takes tag names in any casing."""
        return next((v for n, v in self.tags if n.lower() == name.lower()), None)


class TagDemand(Value):
    """A tag without which Azure Policy lets no resource group be made."""

    tag: str
    values: tuple[str, ...]
    """One of these; any, when there are none."""
    policy: str
    """The assignment's name as people see it."""


class TagDemands(Value):
    """What the subscription's policies demand of a new resource group."""

    demands: tuple[TagDemand, ...]
    not_understood: tuple[str, ...]
    """Policies that may forbid a resource group, by rules that are not read here."""


class Access(Value):
    """An entry of a key vault's access policies."""

    object_id: str
    keys: frozenset[str]
    secrets: frozenset[str]


class KeyVault(Value):
    """A key vault: who may do what with its contents, never the contents."""

    id: str
    name: str
    tenant: str
    rbac: bool
    """Whether roles count instead of access policies."""
    access: tuple[Access, ...]
    roles: tuple[str, ...] | None
    """Roles of the Backup Management Service at the vault or above, by the id of their
    definition; None when nobody said who that is, or roles do not count."""
    closed: bool
    """Whether its firewall keeps out Azure's trusted services."""


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
    last_point: AwareDatetime | None = None
    """When its newest recovery point was made; None when it does not tell."""
    extended: dict[str, Any] | None = None
    """`extendedProperties` as read, so that what is not understood goes back unchanged."""

    @property
    def disk_choice(self) -> tuple[tuple[int, ...], bool]:
        """LUNs that are named, and whether they are those taken along (True) or left out."""
        chosen = (self.extended or {}).get("diskExclusionProperties")
        chosen = chosen if isinstance(chosen, dict) else {}
        luns = chosen.get("diskLunList")
        named = tuple(lun for lun in luns if isinstance(lun, int)) if isinstance(luns, list) else ()
        return named, chosen.get("isInclusionList") is True

    def takes(self, lun: int) -> bool:
        """Whether a backup takes the data disk of this LUN along."""
        named, only_these = self.disk_choice
        return (lun in named) == only_these


class PolicyChoice(Value):
    """With which policy this VM can be protected."""

    chosen: str | None
    """The policy it had, or was to have, when that is still in the vault; None: a human chooses."""
    because: str
    policies: tuple[str, ...]
    """All policies of the vault for VMs."""


class Whereabouts(Value):
    """Where else the VM is, by the lists of all VMs that can be seen."""

    same: tuple[str, ...]
    """Ids of VMs that have its own `vmId`: it was moved there."""
    alike: tuple[str, ...]
    """Ids of VMs of its name of which it is not known whether they are the same one."""
    subscriptions: int
    """How many subscriptions were looked through."""


class Disk(Value):
    """A data disk, as its VM and the disk itself tell."""

    lun: int
    name: str
    size_gb: int | None
    kind: str
    """As `Premium_LRS`."""
    shared: bool | None
    """Whether several VMs may attach it; None when the disk could not tell."""
    write_accelerated: bool


class Cpu(Value):
    """How busy the VM's processor was within a span."""

    highest: float | None
    """Percent, of the highest five minutes; None when nothing was measured."""
    begin: AwareDatetime
    end: AwareDatetime
    job: AwareDatetime | None
    """The start of the failed backup around which was looked; None when there was none."""


class Neighbours(Value):
    """The VMs that the vault backs up with one policy, and so at the same time."""

    policy_id: str
    count: int
    """The VM in question among them."""


class Policy(Value):
    """What matters here of a backup policy."""

    id: str
    frequency: str | None = None
    """As `Daily`, `Weekly`, `Hourly`; None when it does not tell."""
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
    other_items: Fact[tuple[ProtectedItem, ...]] = _NOT_READ
    whereabouts: Fact[Whereabouts] = _NOT_READ
    policy_choice: Fact[PolicyChoice] = _NOT_READ
    protectable: Thing[str] = _NOT_READ
    disks: Fact[tuple[Disk, ...]] = _NOT_READ
    disk_points: Fact[tuple[DiskPoint, ...]] = _NOT_READ
    groups: Fact[tuple[Group, ...]] = _NOT_READ
    tag_demands: Fact[TagDemands] = _NOT_READ
    key_vaults: Fact[tuple[KeyVault, ...]] = _NOT_READ
    vault_place: Thing[str] = _NOT_READ
    storage_accounts: Fact[tuple[StorageAccount, ...]] = _NOT_READ
    networks: Fact[tuple[Network, ...]] = _NOT_READ
    compute_usages: Fact[tuple[Usage, ...]] = _NOT_READ
    providers: Fact[tuple[Provider, ...]] = _NOT_READ
    interfaces: Fact[tuple[Interface, ...]] = _NOT_READ
    cpu: Fact[Cpu] = _NOT_READ
    neighbours: Fact[Neighbours] = _NOT_READ
    attempts: Fact[tuple[Job, ...]] = _NOT_READ
    subscription_tags: Fact[tuple[tuple[str, str], ...]] = _NOT_READ
    settings: Settings = NOTHING_TOLD

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
    done: frozenset[Operation] = frozenset()
    """What this run has done to the VM and no reading shows afterwards: a restart, a stop that a
    start follows."""

    @classmethod
    def of(cls, job: Job, failure: Failure, settings: Settings = NOTHING_TOLD) -> "Facts":
        """Nothing read yet but the job itself."""
        return cls(subject=job.subject, job=job, failure=failure, settings=settings)

    def with_vm_started(self) -> "Facts":
        """As it will be once this run has started the VM; what its agent does then is not known."""
        match self.vm:
            case Known(value=vm):
                running = vm.model_copy(update={"power": PowerState.RUNNING})
                return replace(self, vm=replace(self.vm, value=running), started=vm.power)
            case _:
                return self

    def with_protection(self, item_id: str, wanted: dict[str, Any]) -> "Facts":
        """As it will be once the protected item has been put with these properties."""
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
