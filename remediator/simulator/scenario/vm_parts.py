"""The parts of a scenario file for a machine and its backups."""

# ruff: noqa: RUF012 - pydantic copies a model's defaults

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from remediator.simulator.compute.state import Cure, Power
from remediator.simulator.scenario.parts import Part, as_list, named
from remediator.simulator.scenario.surroundings import AttachmentPart, EncryptionPart
from remediator.simulator.scenario.values import Moment, Seconds, When


class ConditionPart(Part):
    """The state of an agent or of a VM's provisioning, and what cures it."""

    state: Literal["ready", "not-ready", "absent", "succeeded", "failed", "updating"]
    cured_by: Annotated[list[Cure], BeforeValidator(as_list)] = []
    takes: Seconds = 0
    """How long the cure takes. A state that is updating ends by itself after this time."""
    message: str | None = None
    version: str | None = None
    """The version of a ready agent."""
    reported: When | None = None
    """When the agent last reported; by default just now."""
    boots: Seconds = 0
    """How long the agent is silent after a start of the VM, while its last report still shows."""


class PowerPart(Part):
    """A power state, and how long a passing state takes."""

    state: Power
    takes: Seconds = 300


class DiskPart(Part):
    """A data disk."""

    lun: int = Field(ge=0)
    size_gb: int = Field(default=128, ge=1)
    sku: str = "Premium_LRS"
    shared: bool = False
    write_accelerator: bool = False
    entra_access: bool = False
    """Whether its data can be read only with a sign-in at Microsoft Entra ID."""


class PlanPart(Part):
    """The Marketplace plan from which a VM was made."""

    publisher: str
    product: str
    name: str


class PlacePart(Part):
    """The place to which a VM was moved."""

    group: str
    subscription: str | None = None


def _condition(value: Any) -> Any:
    return {"state": value} if isinstance(value, str) else value


class AilmentPart(Part):
    """A reason for failing backups that no read of the VM shows."""

    code: str | None = None
    """The code. None for a job that tells the failure only in words; it needs a message."""
    stage: Literal["snapshot", "transfer"] = "snapshot"
    number: int | None = None
    message: str | None = None
    recommendations: list[str] | None = None
    dynamic_message: str | None = None
    cured_by: Annotated[list[Cure], BeforeValidator(as_list)] = []
    cured_by_script: Annotated[list[str], BeforeValidator(as_list)] = []
    """A Run Command cures it if its script contains all of these texts."""
    takes: Seconds = 0
    """How long the cure takes."""
    times: int | None = Field(default=None, ge=1)
    """How many backups fail before it is gone."""
    until: When | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.code is None and self.message is None:
            message = "an ailment needs a code or a message"
            raise ValueError(message)
        return self


class AgentRestartPart(Part):
    """A restart of the agent that a script orders for later."""

    after: Seconds = 30
    """How long after the script's end the agent stops."""
    takes: Seconds | Literal["for-ever"] = 60
    """How long it is silent. Meanwhile the platform shows its last report."""
    version: str | None = None
    """Its version afterwards."""


class AnswerPart(Part):
    """The output of the guest for a script that contains all texts of ``when``."""

    when: Annotated[list[str], BeforeValidator(as_list)] = []
    stdout: str = ""
    stderr: str = ""
    takes: Seconds = 30
    exit: int = Field(default=0, ge=0, le=255)
    """The code with which the script ends."""
    restarts_agent: AgentRestartPart | None = None


class GuestPart(Part):
    """The inside of a VM. The first answer that fits a script is printed."""

    fails_with_script: bool = False
    """Whether a command fails when its script ends with another code than 0.

    Reported for some hosts with Windows, never for Linux.
    """
    answers: list[AnswerPart] = []


Condition = Annotated[ConditionPart, BeforeValidator(_condition)]


class ExtensionPart(Part):
    """A VM extension."""

    name: str
    publisher: str | None = None
    type: str | None = None
    version: str = "1.0"
    state: Literal["succeeded", "failed", "deleting", "creating"] = "succeeded"
    message: str | None = None
    listed: bool = True
    delete_fails: int = Field(default=0, ge=0)
    outdated: bool = False
    """Whether the next backup must update it."""


class PointPart(Part):
    """One restore point, described in full."""

    at: When
    vaulted: bool = True
    sas: bool = False
    mounted: bool = False
    consistency: Literal["ApplicationConsistent", "FileSystemConsistent", "CrashConsistent"] = (
        "ApplicationConsistent"
    )


class PointsPart(Part):
    """A row of restore points."""

    count: int = Field(ge=0)
    every: Seconds = 86400
    newest: When = Moment()
    snapshot_only_newest: int = Field(default=0, ge=0)
    """How many of the newest points are not in the vault."""
    snapshot_only_oldest: int = Field(default=0, ge=0)
    sas: int = Field(default=0, ge=0)
    """How many of the oldest points have an active shared access signature."""
    mounted_newest: int = Field(default=0, ge=0)
    """From how many of the newest points somebody recovers files."""


class CollectionPart(Part):
    """A restore point collection of a VM."""

    group: str | None = None
    name: str | None = None
    points: PointsPart | list[PointPart] = []
    points_per_delete: int = Field(default=8, ge=1)
    deleting_for: Seconds | None = None
    """How long its running deletion still takes."""
    stuck_deleting: bool = False
    """Whether its deletion is stuck until it is deleted again."""


class ProtectionPart(Part):
    """How a VM is protected."""

    vault: str
    policy: str = "DefaultPolicy"
    state: Literal[
        "Protected",
        "IRPending",
        "ProtectionStopped",
        "ProtectionPaused",
        "BackupsSuspended",
        "ProtectionError",
    ] = "Protected"
    deleted: When | None = None
    """When it was deleted. It can still be brought back."""
    excluded_luns: list[int] = []
    busy_for: Seconds = 0
    """How long another operation still holds the item."""


class TransferFails(Part):
    """The copy to the vault fails until a time, or a number of times."""

    until: When | None = None
    times: int = Field(default=0, ge=0)


class InternalError(Part):
    """The service itself fails a number of times."""

    times: int = Field(default=1, ge=1)
    code: str = "BackUpOperationFailedV2"


class BackupPart(Part):
    """How long a VM's backups take, and their faults that cannot be seen from outside."""

    snapshot_takes: Seconds = 120
    transfer_takes: Seconds = 480
    cleanup: Literal["works", "broken"] = "works"
    cleanup_delay: Seconds = 0
    transfer_fails: TransferFails = TransferFails()
    internal_error: InternalError | None = None
    snapshot_only: bool = False
    """Whether its backups stay snapshots, as all but the last of a day under an hourly policy."""
    crash_consistent: bool = False
    """Whether its points are only crash consistent, although the policy asks for more."""


class HistoryPart(Part):
    """A job that is described, not run."""

    at: When
    vault: str | None = None
    operation: str = "Backup"
    status: Literal["Completed", "CompletedWithWarnings", "Failed", "Cancelled", "InProgress"] = (
        "Failed"
    )
    type: Literal["AzureIaaSVMJob", "AzureWorkloadJob"] = "AzureIaaSVMJob"
    user_triggered: bool = False
    """Whether it is on demand. The detail of an on-demand backup tells when its point expires."""
    activity_id: str = ""
    """The client's id of the request that began the job; by default an id of its own."""
    took: Seconds = 600
    ends: When | None = None
    """When a job in progress completes."""
    phase: Literal["snapshot", "transfer"] = "snapshot"
    """The phase in which a job failed or still is."""
    entity: str | None = None
    code: str | None = None
    number: int | None = None
    message: str | None = None
    recommendations: list[str] | None = None
    dynamic_message: str | None = None
    property_bag: dict[str, str] = {}
    """What extendedInfo.propertyBag contains besides the VM's name."""
    tasks: dict[str, str] = {}
    """Names and statuses. For a backup they follow from its status and phase."""

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        told = (self.code, self.number, self.message) != (None, None, None)
        if told and self.status == "Cancelled" and self.operation == "Backup":
            message = "a cancelled backup carries no error: it was recorded without errorDetails"
            raise ValueError(message)
        return self


Moments = Annotated[list[When], BeforeValidator(as_list)]


class VmPart(Part):
    """A virtual machine and its backups."""

    name: str
    group: str = "rg-app"
    subscription: str | None = None
    location: str | None = None
    copies: int = Field(default=1, ge=1)
    """How many equal VMs to make: web becomes web-001, web-002 and so on."""
    exists: bool = True
    """False if the VM is gone and only its backups are left."""
    os: Literal["windows", "linux"] = "windows"
    size: str = "Standard_D2s_v5"
    power: Annotated[PowerPart, BeforeValidator(_condition)] = PowerPart(state="running")
    disks: list[DiskPart] = []
    ephemeral: bool = False
    """Whether its system disk is on the host only (an ephemeral OS disk)."""
    plan: PlanPart | None = None
    encryption: EncryptionPart | None = None
    unmanaged_in: str | None = None
    """The name of the storage account that holds the VM's disks as blobs."""
    network: AttachmentPart = AttachmentPart()
    provision_vm_agent: bool = True
    allow_extension_operations: bool = True
    os_name: str | None = None
    os_version: str | None = None
    reboot_pending: bool | None = None
    """None if its patches were never assessed."""
    security_type: Literal["TrustedLaunch", "ConfidentialVM"] | None = None
    cpu: float | None = None
    """The metric Percentage CPU."""
    metrics: dict[str, float] = {}
    """Other metrics, by their names."""
    moved_to: PlacePart | None = None
    """The VM's new place. It keeps its vmId there; its backups belong to the old place."""
    tags: dict[str, str] = {}
    discovered: bool = True
    """False if the vaults list it as protectable only after a discovery."""
    agent: Condition = ConditionPart(state="ready")
    provisioning: Condition = ConditionPart(state="succeeded")
    extensions: list[Annotated[ExtensionPart, BeforeValidator(named)]] | None = None
    """By default the snapshot extension if the VM is protected."""
    ailments: list[AilmentPart] = []
    guest: GuestPart = GuestPart()
    protection: ProtectionPart | None = None
    backup: BackupPart = BackupPart()
    collections: Annotated[list[CollectionPart], BeforeValidator(as_list)] = Field(
        default=[], alias="collection"
    )
    history: list[HistoryPart] = []
    scheduled_backup: Moments = []
    """When the policy's backup ran. How it ended follows from the state."""
    on_demand_backup: Moments = []

    @model_validator(mode="after")
    def _is_a_host_that_was_seen(self) -> Self:
        if self.os == "linux" and self.guest.fails_with_script:
            message = "Run Command never fails with its script on Linux"
            raise ValueError(message)
        return self
