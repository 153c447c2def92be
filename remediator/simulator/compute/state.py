"""The state of virtual machines and restore point collections."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from remediator.simulator import ids
from remediator.simulator.network.state import Attachment
from remediator.simulator.reply import Json

Power = Literal["running", "stopped", "deallocated", "starting", "stopping", "deallocating"]
COMES_TO_REST: dict[Power, Power] = {
    "starting": "running",
    "stopping": "stopped",
    "deallocating": "deallocated",
}
Cure = Literal[
    "reapply",
    "restart",
    "redeploy",
    "start",
    "power-off",
    "deallocate",
    "extension-delete",
    "revoke",
    "allow-extensions",
    "recover-key-vault",
    "nothing",
]

SNAPSHOT_EXTENSION = {"windows": "VMSnapshot", "linux": "VMSnapshotLinux"}


@dataclass
class Condition:
    """A condition: whether it is well, what cures it, and how long the cure takes."""

    well: bool = True
    cured_by: frozenset[Cure] = frozenset()
    takes: float = 0.0
    message: str | None = None
    under_way: bool = False
    """Whether an operation is still working on it. It has not failed."""


@dataclass(kw_only=True, eq=False)
class Ailment(Condition):
    """A reason for failing backups that no read of the VM shows. It begins unwell."""

    code: str | None
    """The code. None if the job tells the failure only in words."""
    well: bool = False
    stage: Literal["snapshot", "transfer"] = "snapshot"
    number: int | None = None
    recommendations: list[str] | None = None
    dynamic_message: str | None = None
    scripts: tuple[str, ...] = ()
    """A Run Command cures it if its script contains all of these texts."""
    times: int | None = None
    """How many backups fail before it is gone. None if it does not end by itself."""
    until: datetime | None = None

    def ails(self, stage: str, now: datetime) -> bool:
        """Tell whether it makes a backup fail in this stage."""
        over = self.until is not None and now >= self.until
        return self.stage == stage and not (self.well or over or self.times == 0)


@dataclass(frozen=True)
class AgentRestart:
    """A restart of the agent that a script has ordered for later."""

    after: float
    """Seconds after the script's end."""
    takes: float | None
    """How many seconds the agent is silent. None if it never comes back."""
    version: str | None
    """The agent's version afterwards. None if it stays as it is."""


@dataclass(frozen=True)
class Answer:
    """The output of the guest for a script that contains all texts of ``when``."""

    when: tuple[str, ...] = ()
    stdout: str = ""
    stderr: str = ""
    takes: float = 30.0
    exit: int = 0
    """The code with which the script ends."""
    restarts_agent: AgentRestart | None = None


@dataclass(eq=False)
class Script:
    """A script that was sent to the guest."""

    text: str
    parameters: dict[str, str]
    status: Literal["running", "succeeded", "failed"] = "running"

    def has(self, texts: tuple[str, ...]) -> bool:
        """Tell whether the script or its parameters contain all of these texts."""
        given = "\n".join([self.text, *(f"{k}={v}" for k, v in self.parameters.items())]).lower()
        return all(text.lower() in given for text in texts)


@dataclass(eq=False)
class Extension:
    """A VM extension."""

    name: str
    publisher: str
    type: str
    version: str = "1.0"
    state: str = "Succeeded"
    message: str | None = None
    listed: bool = True
    """False if only the agent knows it, and the list of extensions does not show it."""
    delete_fails: int = 0
    outdated: bool = False
    """Whether the next backup brings a newer version. No read shows this."""


@dataclass(frozen=True)
class Disk:
    """A data disk."""

    name: str
    lun: int
    size_gb: int = 128
    sku: str = "Premium_LRS"
    shared: bool = False
    write_accelerator: bool = False
    entra_access: bool = False
    """Whether its data can be read only with a sign-in at Microsoft Entra ID."""


@dataclass(frozen=True)
class Encryption:
    """Azure Disk Encryption: where the keys of a VM's disks are."""

    vault: str
    kek: bool = True


@dataclass(eq=False)
class Vm:
    """A virtual machine."""

    subscription: str
    group: str
    name: str
    location: str
    os: Literal["windows", "linux"] = "windows"
    size: str = "Standard_D2s_v5"
    power: Power = "running"
    agent: Condition = field(default_factory=Condition)
    provisioning: Condition = field(default_factory=Condition)
    extensions: list[Extension] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    changed: datetime | None = None
    busy: int = 0
    """How many operations are changing the VM now."""
    disks: list[Disk] = field(default_factory=list)
    ephemeral: bool = False
    """Whether its system disk is on the host only (an ephemeral OS disk)."""
    plan: tuple[str, str, str] | None = None
    """Publisher, product and name of its Marketplace plan."""
    discovered: bool = True
    """Whether the backup service knows that the VM could be protected."""
    encryption: Encryption | None = None
    attachment: Attachment | None = None
    unmanaged_in: str | None = None
    """The id of the storage account that holds the VM's disks as blobs."""
    provision_agent: bool = True
    allow_extensions: bool = True
    agent_version: str | None = None
    agent_reported: datetime | None = None
    """When the agent last reported. None if it reports all the time."""
    agent_boots: float = 0
    """How many seconds the agent is silent after a start of the VM."""
    agent_silent: bool = False
    """Whether the agent starts. The platform still shows its last report."""
    agent_absent: bool = False
    os_name: str | None = None
    os_version: str | None = None
    security_type: str | None = None
    reboot_pending: bool | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    moved_from: str | None = None
    """The id before a move. The VM keeps its own GUID when it is moved."""
    generation: int = 0
    """How often the VM was deleted and made again under its name. Each time it gets a new GUID."""
    ailments: list[Ailment] = field(default_factory=list)
    answers: tuple[Answer, ...] = ()
    fails_with_script: bool = False
    """Whether a command fails when its script ends with another code than 0."""
    scripts: list[Script] = field(default_factory=list)

    @property
    def arm_id(self) -> str:
        """The VM's id."""
        return ids.resource_id(
            self.subscription, self.group, "Microsoft.Compute/virtualMachines", self.name
        )

    @property
    def vm_id(self) -> str:
        """The VM's own GUID. It stays the same when the VM is moved."""
        again = [self.generation] if self.generation else []
        return ids.guid("vm", self.moved_from or self.arm_id, *again)

    @property
    def agent_answers(self) -> bool:
        """Tell whether the agent does what the platform asks."""
        return self.power == "running" and self.agent.well and not self.agent_silent

    @property
    def under_way(self) -> bool:
        """Tell whether something is changing the VM now."""
        return bool(self.busy) or self.provisioning.under_way or self.power in COMES_TO_REST

    @property
    def os_disk(self) -> str:
        """The name of the disk with the operating system."""
        return f"{self.name}_OsDisk_1_{ids.guid('disk', self.arm_id).replace('-', '')}"

    @property
    def snapshot_extension(self) -> Extension | None:
        """The extension with which Azure Backup takes snapshots, or None."""
        return self.extension(SNAPSHOT_EXTENSION[self.os])

    def extension(self, name: str) -> Extension | None:
        """Return the extension of that name."""
        return next((each for each in self.extensions if ids.same(each.name, name)), None)


@dataclass(eq=False)
class RestorePoint:
    """One set of snapshots of a VM."""

    name: str
    created: datetime
    consistency: str = "ApplicationConsistent"
    deleting: bool = False
    shared_disks: set[str] = field(default_factory=set)
    """The disks whose snapshots have an active shared access signature."""


@dataclass(eq=False)
class Collection:
    """A restore point collection of Azure Backup or of a customer."""

    subscription: str
    group: str
    name: str
    location: str
    source: str
    points: list[RestorePoint] = field(default_factory=list)
    points_per_delete: int = 8
    """How many points one delete of the whole collection manages before it times out."""
    deleting: bool = False
    stuck: bool = False
    """Whether its deletion began and never ends, unless it is deleted again."""

    @property
    def arm_id(self) -> str:
        """The collection's id, with the group's spelling kept."""
        return ids.resource_id(
            self.subscription, self.group, "Microsoft.Compute/restorePointCollections", self.name
        )

    @property
    def made_by_azure_backup(self) -> bool:
        """Whether the name is one of Azure Backup's. Customers' tools use other names."""
        return self.name.lower().startswith("azurebackup_")


@dataclass(eq=False)
class Operation:
    """A long-running Compute operation."""

    id: str
    subscription: str
    location: str
    started: datetime
    ended: datetime | None = None
    status: str = "InProgress"
    error: Json | None = None
    output: Json | None = None
    poll_after: float | None = None
