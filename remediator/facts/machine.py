"""The VM: its power, its agent and extensions, its disks, its load, and where else it may be."""

from enum import StrEnum

from pydantic import AwareDatetime

from remediator.facts.provisioning import Provisioning
from remediator.value import Value


class PowerState(StrEnum):
    """The VM's `PowerState/…` status; `other` covers starting, stopping and what is new."""

    RUNNING = "running"
    STOPPED = "stopped"
    DEALLOCATED = "deallocated"
    OTHER = "other"


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
    told: bool = True
    """Whether the resource, where there is one, tells its state. The agent may report a better."""
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


class Whereabouts(Value):
    """Where else the VM is, by the lists of all VMs that can be seen."""

    same: tuple[str, ...]
    """Ids of VMs that have its own `vmId`: it was moved there."""
    alike: tuple[str, ...]
    """Ids of VMs of its name of which it is not known whether they are the same one."""
    subscriptions: int
    """How many subscriptions were looked through."""
    here: bool = False
    """Whether a list shows it at its own place, where reading it alone said that it is gone."""
