"""Job: one backup job as the vault tells it, frozen."""

import re
from collections.abc import Iterator
from typing import Final, Self

from pydantic import AwareDatetime

from remediator.errors import BadInputError
from remediator.ids import ResourceId, same_name, subscription_of
from remediator.job.request_ids import is_ours
from remediator.job.restore_needs import RestoreTarget
from remediator.value import Value

VAULT_TYPE = "Microsoft.RecoveryServices/vaults"
JOB_TYPE = "Microsoft.RecoveryServices/vaults/backupJobs"

WRAPPER: Final = "MultipleErrorsOccurred"
"""Azure Resource Manager's code for a wrapper. The real errors are in its `details`."""

ON_DEMAND_PER_DAY = 9
"""The most on-demand backups of one VM in one UTC day. Azure refuses more (VM support matrix)."""

# A job's name is a GUID in all recorded traffic. This pattern accepts a little more, but nothing
# that could change the path that the name is put into.
_JOB_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{7,127}")

_ENDED = ("completed", "completedwithwarnings", "failed", "cancelled", "canceled")


def has_ended(status: str) -> bool:
    """Whether a job of this status is known to have ended."""
    return status.lower() in _ENDED


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
    """The address of a job: its vault and its name."""

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
    """An integer on the wire for IaaS VM jobs. A string is accepted as it is."""
    title: str
    """The symbolic code, in recorded traffic."""
    text: str
    """The message, localised by the service."""
    recommendations: tuple[str, ...]
    details: "tuple[ErrorDetail, ...]" = ()
    """The errors inside this one, if it is only a wrapper such as `MultipleErrorsOccurred`."""


class Task(Value):
    """One stage of a job: `Take Snapshot`, `Transfer data to vault`."""

    name: str
    status: str


class JobRow(Value):
    """A job as a list shows it."""

    id: str
    name: str
    operation: str
    status: str
    start: AwareDatetime | None
    end: AwareDatetime | None
    vm_name: str
    container: str | None
    """`iaasvmcontainerv2;GROUP;VM`. It tells apart two VMs of the same name."""
    activity_id: str | None = None
    """The `x-ms-client-request-id` of the request that began the job (recorded, in lists too)."""
    errors: tuple[ErrorDetail, ...] = ()
    """Lists carry them completely (recorded from 2019 to 2025)."""
    on_demand: bool | None = None
    """Whether a request began this backup, and not the schedule.

    The detail of an on-demand backup says when its recovery point expires (recorded in each, since
    2019). The detail of a scheduled backup does not (documented). A list shows neither, so this is
    None then. It is also None for a job that is no backup. No job of a VM carries
    `isUserTriggered`.
    """
    tasks: tuple[Task, ...] = ()
    """Filled only when the single job was read. A list does not carry it."""
    by_name: bool = False
    """Whether only the bare name connects the job with this VM. Another VM may have the same name.
    Such a job proves nothing, because it may belong to another VM. If it is running, it may be
    in the way."""
    offers_cancel: bool = False
    """Whether the job lists Cancel among its actions. Completed jobs list it too, so this alone
    does not mean that the job can be cancelled now."""

    @property
    def running(self) -> bool:
        """Whether the job is not known to have ended.

        `Cancelling` and new statuses count as running.
        """
        return not has_ended(self.status)

    @property
    def cancellable(self) -> bool:
        """Whether Azure would cancel the job now: it does so only while the snapshot is taken."""
        snapshot = any(
            task.name.lower() == "take snapshot" and task.status.lower() == "inprogress"
            for task in self.tasks
        )
        return self.offers_cancel and self.status.lower() == "inprogress" and snapshot

    @property
    def succeeded(self) -> bool:
        """Whether the job left a recovery point.

        Under an hourly policy, most recovery points are only snapshots: a job without a transfer
        has succeeded too.

        `CompletedWithWarnings` is not enough: the recorded job of that status had lost its copy to
        the vault. A job that carries errors has not succeeded, whatever its status is.
        """
        return self.status.lower() == "completed" and not self.errors

    @property
    def codes(self) -> frozenset[str]:
        """Titles and numbers of the job's errors and inner errors, without the wrapper's code.

        They are folded, and the same in every language.
        """
        told = (str(s).casefold() for e in _every(self.errors) for s in (e.code, e.title) if s)
        return frozenset(told) - {WRAPPER.casefold()}

    @property
    def begun_by_tool(self) -> bool:
        """Whether a run of this tool began the job, on any machine."""
        return is_ours(self.activity_id)

    @property
    def begun_on_demand(self) -> bool | None:
        """Whether a request began this backup. None when the data that was read does not tell."""
        return True if self.begun_by_tool else self.on_demand

    @property
    def is_backup(self) -> bool:
        """Whether the job makes a recovery point."""
        return self.operation.lower() == "backup"

    @property
    def configures(self) -> bool:
        """Whether the job is to begin the protection of a VM."""
        return self.operation.lower() == "configurebackup"

    @property
    def is_restore(self) -> bool:
        """Whether the job reads a recovery point."""
        return self.operation.lower() == "restore"


def _every(errors: tuple[ErrorDetail, ...]) -> Iterator[ErrorDetail]:
    for error in errors:
        yield error
        yield from _every(error.details)


class Subject(Value):
    """The VM that is examined, and the place of its backups."""

    subscription: str
    """The VM's subscription. The vault may lie in another one."""
    vm_name: str
    vm_id: str | None
    """None when neither the job nor the person gave the full id. The protected item may give it
    later."""
    place_told: bool = True
    """Whether somebody told where the VM lies: a person, the job, or the protected item. Otherwise
    `vm_id` only presumes the vault's subscription, and the protected item must confirm it."""
    vault: VaultRef | None
    """None when no vault protects the VM."""
    container: str | None
    """`iaasvmcontainerv2;GROUP;VM`. It tells apart two VMs of the same name."""
    now: AwareDatetime
    """Azure's own clock."""
    since: AwareDatetime
    """The earliest time for which the VM's jobs matter."""
    vaults: tuple[str, ...] | None = None
    """Ids of all vaults of the subscription; None when they were not listed yet."""
    restore: RestoreTarget | None = None
    """The target of the failed restore. None when the subject is no restore."""
    job_id: str | None = None
    """The job that this subject comes from. None when it comes from no job."""
    job_on_demand: bool | None = None
    """Whether a request began this job. None when that is not known."""
    policy_name: str | None = None
    """The policy that this job names."""
    configures: bool = False
    """Whether this job was to begin the VM's protection."""


class Job(JobRow):
    """A job in full."""

    vault: VaultRef
    management_type: str
    """`AzureIaasVM` for the VMs that this tool is about."""
    dynamic_error_message: str | None
    seen: AwareDatetime
    """The time of the answer, by Azure's own clock."""
    source: str
    """The request that read the job."""
    restore: RestoreTarget | None = None
    """The target of a restore. None for any other job."""
    policy_name: str | None = None
    """The policy that the job names. A job that configures a backup names one."""
    vm_subscription: str | None = None
    """The subscription of the VM, if it differs from the vault's (recorded in 2026)."""
    placed: str | None = None
    """The VM's id, as its protected item tells it. None until the item is read."""

    @property
    def is_vm_job(self) -> bool:
        """Whether the job is about an Azure VM."""
        return self.management_type.lower() == "azureiaasvm"

    @property
    def subject(self) -> Subject:
        """The VM that the job is about."""
        vm = self.vm_id
        return Subject(
            subscription=subscription_of(vm) if vm else self.vault.subscription,
            vm_name=self.vm_name,
            vm_id=vm,
            place_told=self.placed is not None or self.vm_subscription is not None,
            vault=self.vault,
            container=self.container,
            now=self.seen,
            since=self.start or self.seen,
            restore=self.restore,
            job_id=self.id,
            job_on_demand=self.begun_on_demand,
            policy_name=self.policy_name,
            configures=self.configures,
        )

    @property
    def vm_id(self) -> str | None:
        """The VM's id. None when the job carries no container and its protected item was not read.

        The protected item's id is taken first. Otherwise the subscription that the job names is
        used. A container's name holds no subscription: without both, the vault's subscription is
        only presumed.
        """
        if self.placed is not None:
            return self.placed
        match (self.container or "").split(";"):
            case [*_, kind, group, name] if same_name(kind, "iaasvmcontainerv2"):
                return (
                    f"/subscriptions/{self.vm_subscription or self.vault.subscription}"
                    f"/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachines/{name}"
                )
            case _:
                return None
