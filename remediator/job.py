"""Job: one backup job as the vault tells it, frozen."""

import re
from typing import Self

from pydantic import AwareDatetime

from remediator.errors import BadInputError
from remediator.ids import ResourceId
from remediator.restore_needs import RestoreTarget
from remediator.value import Value

VAULT_TYPE = "Microsoft.RecoveryServices/vaults"
JOB_TYPE = "Microsoft.RecoveryServices/vaults/backupJobs"

# A job's name is a GUID in all recorded traffic; what is accepted is a little wider, and never
# anything that could change the path it is put into.
_JOB_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{7,127}")

_ENDED = ("completed", "completedwithwarnings", "failed", "cancelled", "canceled")


class VaultRef(Value):
    """A Recovery Services vault."""

    subscription: str
    group: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a vault's ARM id.

        Raises:
            BadInputError: it is not the id of a Recovery Services vault.
        """
        try:
            found = ResourceId.parse(text)
        except ValueError:
            found = None
        if found is None or not found.is_a(VAULT_TYPE):
            raise BadInputError(
                f"{text!r} is not a vault id; expected /subscriptions/S/resourceGroups/G/providers/"
                "Microsoft.RecoveryServices/vaults/V"
            )
        return cls(subscription=found.subscription, group=found.group, name=found.name)

    @property
    def id(self) -> str:
        """The vault's ARM id."""
        return (
            f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"
            f"/providers/{VAULT_TYPE}/{self.name}"
        )


class JobRef(Value):
    """Where a job is found."""

    vault: VaultRef
    name: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a job's full ARM id, in any casing.

        Raises:
            BadInputError: it is not the id of a backup job.
        """
        try:
            found = ResourceId.parse(text)
        except ValueError:
            found = None
        if found is None or not found.is_a(JOB_TYPE) or not _JOB_NAME.fullmatch(found.name):
            raise BadInputError(
                f"{text!r} is not a backup job id; expected /subscriptions/S/resourceGroups/G/"
                "providers/Microsoft.RecoveryServices/vaults/V/backupJobs/J, or the bare job name"
            )
        vault = VaultRef(subscription=found.subscription, group=found.group, name=found.names[0])
        return cls(vault=vault, name=found.name)

    @property
    def id(self) -> str:
        """The job's ARM id."""
        return f"{self.vault.id}/backupJobs/{self.name}"


def is_bare_job_name(text: str) -> bool:
    """Whether the text can be a job's name without its path."""
    return _JOB_NAME.fullmatch(text) is not None


class ErrorDetail(Value):
    """One entry of a job's errorDetails."""

    code: int | str | None
    """On the wire an integer for IaaS VM jobs; a string is taken as it comes."""
    title: str
    """Carries the symbolic code in recorded traffic."""
    text: str
    """Localised by the service."""
    recommendations: tuple[str, ...]
    details: "tuple[ErrorDetail, ...]" = ()
    """The errors that this one only wraps, as `MultipleErrorsOccurred` does."""


class Task(Value):
    """One stage of a job: `Take Snapshot`, `Transfer data to vault`."""

    name: str
    status: str


class JobRow(Value):
    """A job as a list shows it: without its error."""

    id: str
    name: str
    operation: str
    status: str
    start: AwareDatetime | None
    end: AwareDatetime | None
    user_triggered: bool | None
    """None when the vault does not say; never taken for False."""
    vm_name: str
    container: str | None
    """`iaasvmcontainerv2;GROUP;VM`, what tells apart two VMs of one name."""
    tasks: tuple[Task, ...] = ()
    """Filled where the single job was read; a list does not carry it."""
    offers_cancel: bool = False
    """Whether the job lists Cancel among its actions. Also completed jobs do, so this alone does
    not mean that the job can be cancelled now."""

    @property
    def running(self) -> bool:
        """Whether the job is not known to have ended: `Cancelling` has not, nor what is new."""
        return self.status.lower() not in _ENDED

    @property
    def cancellable(self) -> bool:
        """Whether Azure would cancel the job now: only while it takes the snapshot."""
        snapshot = any(
            task.name.lower() == "take snapshot" and task.status.lower() == "inprogress"
            for task in self.tasks
        )
        return self.offers_cancel and self.status.lower() == "inprogress" and snapshot

    @property
    def succeeded(self) -> bool:
        """Whether the job left a recovery point in the vault.

        `CompletedWithWarnings` is not enough: the recorded job of that status had lost its copy
        to the vault.
        """
        return self.status.lower() == "completed"

    @property
    def is_backup(self) -> bool:
        """Whether the job makes a recovery point."""
        return self.operation.lower() == "backup"

    @property
    def is_restore(self) -> bool:
        """Whether the job reads a recovery point."""
        return self.operation.lower() == "restore"


class Subject(Value):
    """The VM that is looked at, and where its backups are."""

    subscription: str
    vm_name: str
    vm_id: str | None
    """None when neither job nor person named it in full; its protected item may."""
    vault: VaultRef | None
    """None when no vault protects the VM."""
    container: str | None
    """`iaasvmcontainerv2;GROUP;VM`, what tells apart two VMs of one name."""
    now: AwareDatetime
    """Azure's own clock."""
    since: AwareDatetime
    """From when on the VM's jobs are of interest."""
    vaults: tuple[str, ...] | None = None
    """Ids of all vaults of the subscription; None when they were not listed yet."""
    restore: RestoreTarget | None = None
    """Where the restore was to go whose job it is about; None when it is about no restore."""
    job_id: str | None = None
    """The job that it is about; None when it is about none."""
    policy_name: str | None = None
    """The policy that this job names."""


class Job(JobRow):
    """A job in full."""

    vault: VaultRef
    management_type: str
    """`AzureIaasVM` for the VMs this tool is about."""
    errors: tuple[ErrorDetail, ...]
    dynamic_error_message: str | None
    activity_id: str | None
    seen: AwareDatetime
    """Azure's own clock when it answered."""
    source: str
    """The request that the job was read with."""
    restore: RestoreTarget | None = None
    """Where a restore was to go; None for any other job."""
    policy_name: str | None = None
    """The policy that it names, as a job does that configures a backup."""

    @property
    def is_vm_job(self) -> bool:
        """Whether the job is about an Azure VM."""
        return self.management_type.lower() == "azureiaasvm"

    @property
    def subject(self) -> Subject:
        """The VM that the job is about."""
        return Subject(
            subscription=self.vault.subscription,
            vm_name=self.vm_name,
            vm_id=self.vm_id,
            vault=self.vault,
            container=self.container,
            now=self.seen,
            since=self.start or self.seen,
            restore=self.restore,
            job_id=self.id,
            policy_name=self.policy_name,
        )

    @property
    def vm_id(self) -> str | None:
        """The VM's id as the container's name tells it; None when the job carries no container."""
        match (self.container or "").split(";"):
            case [*_, "iaasvmcontainerv2", group, name]:
                return (
                    f"/subscriptions/{self.vault.subscription}/resourceGroups/{group}"
                    f"/providers/Microsoft.Compute/virtualMachines/{name}"
                )
            case _:
                return None
