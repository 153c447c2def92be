"""The state of vaults, protected items, jobs and recovery points."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from remediator.simulator import ids
from remediator.simulator.compute.state import Ailment, RestorePoint
from remediator.simulator.reply import Json

TAKE_SNAPSHOT = "Take Snapshot"
TRANSFER = "Transfer data to vault"
VALIDATE = "Validate Backup"
EXPIRY = "Recovery Point Expiry Time in UTC"
"""A key in the property bag of on-demand backups: every recorded detail since 2019 has it."""
VM_SUBSCRIPTION = "VM Subscription ID"
"""A key in the property bag of a backup whose VM is not in the vault's subscription."""

RUNNING = {"InProgress", "Cancelling"}


@dataclass(eq=False)
class Policy:
    """A backup policy of a vault."""

    name: str
    instant_days: int = 2
    group_prefix: str | None = None
    group_suffix: str | None = None
    enhanced: bool = False
    at: str = "01:30"
    hourly: tuple[int, str, int] | None = None
    """Hours between two backups, the time of day of the first one, and the hours of a day."""
    weekly_on: tuple[str, ...] = ()
    crash_consistent: bool = False
    """Whether its points are only crash consistent. Then no agent takes part."""

    def vaults_at(self, when: datetime) -> bool:
        """Whether a scheduled backup of this time is copied to the vault.

        Of an hourly policy's backups, only the last one of a day is (documented).
        """
        if self.hourly is None:
            return True
        every, begins, lasts = self.hourly
        hour, minute = map(int, begins.split(":"))
        begun = when.replace(hour=hour, minute=minute, second=0, microsecond=0)
        elapsed = (when - begun) % timedelta(days=1)
        following = timedelta(hours=every)
        return elapsed + following >= timedelta(hours=lasts) or (
            (when + following).date() != when.date()
        )

    @property
    def type(self) -> str:
        """The type that items tell. The policy that comes with a vault was recorded without one."""
        if self.enhanced:
            return "V2"
        return "" if ids.same(self.name, "DefaultPolicy") else "V1"


@dataclass(eq=False)
class ResourceGuard:
    """A Resource Guard, as the vaults know it that it protects."""

    arm_id: str
    operations: dict[str, str]
    """The critical operations that it protects, and the requests that stand for them."""
    approved: bool = False
    """Whether the caller has the role Backup MUA Operator on it."""


@dataclass(eq=False)
class Vault:
    """A Recovery Services vault."""

    subscription: str
    group: str
    name: str
    location: str
    policies: list[Policy] = field(default_factory=list)
    discovering_until: datetime | None = None
    """The end of its running discovery."""
    discovery_fails: int = 0
    """How many of the next discoveries fail."""
    guard: ResourceGuard | None = None
    immutability: str | None = None
    """`Disabled`, `Unlocked` or `Locked`. None: its answers do not tell."""

    @property
    def arm_id(self) -> str:
        """The vault's id."""
        return ids.resource_id(
            self.subscription, self.group, "Microsoft.RecoveryServices/vaults", self.name
        )

    def policy(self, name: str) -> Policy | None:
        """Return the policy of that name."""
        return next((each for each in self.policies if ids.same(each.name, name)), None)


def native_name(group: str, vm: str) -> str:
    """Return the backup service's name of a VM."""
    return f"iaasvmcontainerv2;{group};{vm}"


def native_of(vault: Vault, subscription: str, group: str, vm: str) -> str:
    """Return the name that a VM has once it is protected.

    A VM of the vault's own subscription is chosen from the list of protectable VMs, whose names
    were recorded in lower case. The client names a VM of another subscription: the recorded client
    kept the VM's casing.
    """
    if ids.same(vault.subscription, subscription):
        return native_name(group.lower(), vm.lower())
    return native_name(group, vm)


@dataclass(eq=False)
class RecoveryPoint:
    """A point that can be restored, and its place: a snapshot, the vault, or both."""

    name: str
    when: datetime
    consistency: str
    snapshot: RestorePoint | None
    vaulted: bool
    mounted: bool = False
    """Whether somebody recovers files from it: its disks are attached to a machine."""


@dataclass
class Causes:
    """Faults of a VM's backups that cannot be seen from outside."""

    transfer_fails_until: datetime | None = None
    transfer_fails: int = 0
    internal_errors: int = 0
    internal_code: str = "BackUpOperationFailedV2"


@dataclass(eq=False)
class Item:
    """A VM's protection in one vault."""

    vault: Vault
    policy: Policy
    subscription: str
    group: str
    vm: str
    os: str
    size: str
    state: str = "Protected"
    last_status: str = ""
    last_time: datetime | None = None
    last_point: datetime | None = None
    last_error: Json | None = None
    deleted: datetime | None = None
    """When its data was deleted. It can still be brought back."""
    points: list[RecoveryPoint] = field(default_factory=list)
    snapshot_takes: float = 120.0
    transfer_takes: float = 480.0
    cleanup: Literal["works", "broken"] = "works"
    cleanup_delay: float = 0.0
    cleanup_due: bool = False
    snapshot_only: bool = False
    """Whether its backups stay snapshots, as all but the last of a day under an hourly policy."""
    crash_consistent: bool = False
    """Whether its points are only crash consistent, although the policy asks for more."""
    causes: Causes = field(default_factory=Causes)
    excluded_luns: list[int] = field(default_factory=list)
    only_named_luns: bool = False
    """Whether the list names the disks to include, not those to exclude."""
    busy_until: datetime | None = None
    """Until when another operation holds the item."""
    ailments: list[Ailment] = field(default_factory=list)
    """The VM's own list. It is kept here because backups also fail of it when the VM is gone."""
    native_name: str = ""
    """The ``containerName``. The names of item and container are this name after a prefix."""

    def __post_init__(self) -> None:
        """Set the name that the item got when it was protected."""
        named = native_of(self.vault, self.subscription, self.group, self.vm)
        self.native_name = self.native_name or named

    @property
    def vm_id(self) -> str:
        """The id of the protected VM. The VM may be gone."""
        return ids.resource_id(
            self.subscription, self.group, "Microsoft.Compute/virtualMachines", self.vm
        )

    @property
    def container_path(self) -> str:
        """The path of the protection container below its vault, with raw semicolons."""
        return f"/backupFabrics/Azure/protectionContainers/IaasVMContainer;{self.native_name}"

    @property
    def path(self) -> str:
        """The path of the protected item below its vault, with raw semicolons."""
        return f"{self.container_path}/protectedItems/VM;{self.native_name}"

    @property
    def arm_id(self) -> str:
        """The protected item's id."""
        return self.vault.arm_id + self.path


@dataclass
class Task:
    """One task of a job, with its times."""

    status: str = "NotStarted"
    started: datetime | None = None
    ended: datetime | None = None

    def turn(self, status: str, when: datetime) -> None:
        """Change the status. A task that never began has no end either."""
        self.status = status
        if status in {"InProgress", "Completed"} and self.started is None:
            self.started = when
        if status not in {"NotStarted", *RUNNING} and self.started is not None:
            self.ended = self.ended or when


@dataclass(eq=False)
class Job:
    """A job of a vault."""

    name: str
    vault: Vault
    machine: str
    """The job's VM in the scenario. The service shows ``entity`` instead."""
    entity: str
    operation: str
    started: datetime
    type: str = "AzureIaaSVMJob"
    container: str | None = None
    vm_id: str | None = None
    user_triggered: bool = False
    status: str = "InProgress"
    ended: datetime | None = None
    tasks: dict[str, Task] = field(default_factory=dict)
    errors: list[Json] = field(default_factory=list)
    dynamic_message: str | None = None
    properties: dict[str, str] = field(default_factory=dict)
    visible_from: datetime | None = None
    instant: bool = True

    activity_id: str = ""
    """The client's id of the request that began the job.

    Without such a request, an id of its own.
    """

    def __post_init__(self) -> None:
        """Give an activity id to a job that no request began."""
        self.activity_id = self.activity_id or ids.guid("activity", self.name)

    @property
    def arm_id(self) -> str:
        """The job's id."""
        return f"{self.vault.arm_id}/backupJobs/{self.name}"

    @property
    def running(self) -> bool:
        """Tell whether the job has not ended."""
        return self.status in RUNNING

    def turn(self, task: str, status: str, when: datetime) -> None:
        """Change the status of one of the job's tasks."""
        self.tasks[task].turn(status, when)


@dataclass(eq=False)
class VaultOperation:
    """A long-running operation of a vault. It is done as soon as its job exists."""

    id: str
    vault: Vault
    started: datetime
    ended: datetime | None = None
    status: str = "InProgress"
    job: str | None = None
    error: Json | None = None
