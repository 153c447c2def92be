"""The VM: its power, agent, extensions, disks and load, and other places where it may be."""

from enum import StrEnum

from pydantic import AwareDatetime

from remediator.facts.provisioning import Provisioning
from remediator.value import Value


class PowerState(StrEnum):
    """The VM's `PowerState/…` status. `other` covers starting, stopping and new states."""

    RUNNING = "running"
    STOPPED = "stopped"
    DEALLOCATED = "deallocated"
    OTHER = "other"


class AgentState(StrEnum):
    """The last report of the VM agent to the platform."""

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
    """Whether the resource, if there is one, tells its state. The agent may report a better one."""
    message: str = ""
    listed: bool = True
    """False for a handler that only the agent reports."""

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
    """None for an unmanaged disk. Such a disk lies in a storage account."""
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
    """Such as `Standard_D2s_v5`."""
    unique_id: str | None = None
    """`properties.vmId`. A VM keeps it when it moves to another group or subscription."""
    os_version: str = ""
    """Name and version, as the agent reports them. Empty while the agent is silent."""
    agent_heard: AwareDatetime | None = None
    """When the platform last heard from the agent. None when Azure does not tell."""
    agent_wanted: bool | None = None
    """`provisionVMAgent`; None when the VM does not say."""
    extensions_allowed: bool | None = None
    """`allowExtensionOperations`; None when the VM does not say."""
    reboot_pending: bool | None = None
    """From the last assessment of the VM's patches. None when there was none."""
    managed: bool = True
    """Whether its system disk is a managed disk."""
    ephemeral: bool = False
    """Whether the VM says that its system disk is on its host only ("Ephemeral OS disks")."""
    plan: str = ""
    """Publisher and product of its Marketplace plan. Empty when the VM names none."""
    disks: tuple[DataDisk, ...] = ()
    key_vaults: tuple[str, ...] = ()
    """Ids of the vaults that hold its disk encryption keys and secrets."""
    key_encryption: bool = False
    """Whether its disk encryption secrets are wrapped with a key (KEK)."""
    nics: tuple[str, ...] = ()
    security_type: str | None = None
    """Such as `TrustedLaunch` or `ConfidentialVM`. None when the VM has no security profile."""
    tags: tuple[tuple[str, str], ...] = ()


class Outset(Value):
    """The first look after Azure had carried out a change that the agent feels later.

    Such a change restarts the agent, or the whole VM. Until then the platform shows the last report
    of the old agent.
    """

    at: AwareDatetime
    """Azure's time of that look."""
    agent_version: str
    """The agent's version then. Empty when it could not be read."""


class Disk(Value):
    """A data disk, from the data of the VM and of the disk itself."""

    lun: int
    name: str
    size_gb: int | None
    kind: str
    """Such as `Premium_LRS`."""
    shared: bool | None
    """Whether several VMs may attach it. None when the disk does not tell."""
    write_accelerated: bool
    data_access: str | None = None
    """`dataAccessAuthMode`. None when the disk does not tell it, as most disks do not."""


class Cpu(Value):
    """How busy the VM's processor was in a time span."""

    highest: float | None
    """Percent, in the busiest five minutes. None when nothing was measured."""
    begin: AwareDatetime
    end: AwareDatetime
    job: AwareDatetime | None
    """The start of the failed backup in this span. None when there was no such backup."""


class Whereabouts(Value):
    """Other places of the VM, from the lists of all VMs that this identity sees."""

    same: tuple[str, ...]
    """Ids of VMs with this VM's own `vmId`: the VM was moved there."""
    alike: tuple[str, ...]
    """Ids of VMs with the same name. It is not known whether one of them is this VM."""
    subscriptions: int
    """How many subscriptions were searched."""
    here: bool = False
    """Whether a list shows the VM at its own place, although the read of the VM said that it is
    gone."""
