"""Microsoft's synchronous SDK clients and azure-identity, over https, as other programs use them.

The tool itself uses the asynchronous pipeline without the generated models. Here the models read
the answers.
"""

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from azure.core.exceptions import HttpResponseError, ResourceExistsError
from azure.identity import ClientSecretCredential
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.recoveryservicesbackup import RecoveryServicesBackupClient
from azure.mgmt.resource.locks import ManagementLockClient

from remediator.simulator.process import SimulatorProcess
from tests.conformance.verdict import Verdict

ESTATE = Path(__file__).with_name("estate.yaml")
GROUP = "AzureBackupRG_westeurope_1"
PACKAGES = ("compute", "recoveryservicesbackup", "resource-locks")
MACHINES = "backupManagementType eq 'AzureIaasVM' and itemType eq 'VM'"


class Clients:
    """The three clients, signed in with a client secret."""

    def __init__(self, cloud: SimulatorProcess) -> None:
        self.cloud = cloud
        self.scope = f"/subscriptions/{cloud.subscriptions[0]}"
        credential = ClientSecretCredential(
            cloud.tenant_id,
            cloud.client_id,
            cloud.client_secret,
            authority=cloud.url,
            disable_instance_discovery=True,
            connection_verify=cloud.ca_file,
        )

        def connect(kind: Any) -> Any:
            return kind(
                credential,
                cloud.subscriptions[0],
                base_url=cloud.url,
                connection_verify=cloud.ca_file,
                polling_interval=0.1,
            )

        self.compute = connect(ComputeManagementClient)
        self.backup = connect(RecoveryServicesBackupClient)
        self.locks = connect(ManagementLockClient)

    def collection(self) -> str:
        found = self.compute.restore_point_collections.list(GROUP)
        return next(str(each.name) for each in found if each.properties.source.id.endswith("/web"))

    def item(self, name: str) -> Any:
        rows = self.backup.backup_protected_items.list("vault-main", "rg-backup", filter=MACHINES)
        return next(row for row in rows if row.properties["friendlyName"] == name)

    def trigger(self, name: str) -> tuple[int, str]:
        """Start a backup. Returns the status of the answer and the id of the operation."""
        parts = self.item(name).id.split("/")
        answer = self.backup.backups.trigger(
            "vault-main",
            "rg-backup",
            "Azure",
            parts[12],
            parts[14],
            {"properties": {"objectType": "IaasVMBackupRequest"}},
            cls=lambda response, _body, _headers: response.http_response,
        )
        link = answer.headers["Azure-AsyncOperation"]
        return answer.status_code, link.partition("?")[0].rpartition("/")[2]

    def job(self, operation: str) -> Any:
        self.cloud.advance(60)
        status = self.backup.backup_operation_statuses.get("vault-main", "rg-backup", operation)
        return self.backup.job_details.get("vault-main", "rg-backup", status.properties.job_id)


def _code(call: Callable[[], Any], kind: type[HttpResponseError]) -> str:
    """The code of the error that a call raises."""
    try:
        call()
    except kind as error:
        return str(error.error.code if error.error else None)
    return "no error"


def _backed_up(clients: Clients) -> Any:
    status, operation = clients.trigger("web1")
    running = clients.job(operation).properties.status
    clients.cloud.advance(3600)
    job = clients.job(operation).properties
    return status, running, job.status, [task.status for task in job.extended_info.tasks_list]


def _cancelled(clients: Clients) -> Any:
    job = clients.job(clients.trigger("slow")[1])
    clients.backup.job_cancellations.trigger("vault-main", "rg-backup", job.name)
    clients.cloud.advance(120)
    return clients.backup.job_details.get("vault-main", "rg-backup", job.name).properties.status


def _run_command(clients: Clients) -> Any:
    wish = {"commandId": "RunShellScript", "script": ["true"]}
    done = clients.compute.virtual_machines.begin_run_command("rg-app", "plain", wish).result()
    return [row.code for row in done.value]


def _lock(clients: Clients) -> Any:
    vm = f"{clients.scope}/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines/web"
    locks = clients.locks.management_locks
    made = locks.create_or_update_by_scope(vm, "own", {"level": "CanNotDelete"})
    found = locks.get_by_scope(vm, "own")
    locks.delete_by_scope(vm, "own")
    return made.level, found.id == made.id, [each.name for each in locks.list_by_scope(vm)]


CHECKS: dict[str, tuple[Callable[[Clients], Any], Any]] = {
    "virtual_machines.list_all": (
        lambda c: len(list(c.compute.virtual_machines.list_all())),
        9,
    ),
    "virtual_machines.instance_view": (
        lambda c: (
            c.compute.virtual_machines.instance_view("rg-app", "mail").vm_agent.statuses[0].code
        ),
        "ProvisioningState/Unavailable",
    ),
    "virtual_machines.begin_restart": (
        lambda c: c.compute.virtual_machines.begin_restart("rg-app", "mail").status(),
        "InProgress",
    ),
    "virtual_machines.begin_reapply to its end": (
        lambda c: (
            c.compute.virtual_machines.begin_reapply("rg-app", "files").result(),
            c.compute.virtual_machines.get("rg-app", "files").properties.provisioning_state,
        ),
        (None, "Succeeded"),
    ),
    "virtual_machines.begin_run_command": (_run_command, ["ProvisioningState/succeeded"]),
    "virtual_machine_extensions.list and begin_delete": (
        lambda c: (
            [e.name for e in c.compute.virtual_machine_extensions.list("rg-shop", "api").value],
            c.compute.virtual_machine_extensions.begin_delete(
                "rg-shop", "api", "VMSnapshotLinux"
            ).result(),
            [e.name for e in c.compute.virtual_machine_extensions.list("rg-shop", "api").value],
        ),
        (["VMSnapshotLinux", "Monitor"], None, ["Monitor"]),
    ),
    "restore_point_collections.get with its points": (
        lambda c: len(
            c.compute.restore_point_collections.get(
                GROUP, c.collection(), expand="restorePoints"
            ).properties.restore_points
        ),
        18,
    ),
    "restore_point_collections.begin_delete under a lock": (
        lambda c: _code(
            lambda: c.compute.restore_point_collections.begin_delete(GROUP, c.collection()),
            ResourceExistsError,
        ),
        "ScopeLocked",
    ),
    "management_locks.list_at_subscription_level": (
        lambda c: [x.name for x in c.locks.management_locks.list_at_subscription_level()],
        ["keep"],
    ),
    "management_locks by scope: create, get, delete, list": (_lock, ("CanNotDelete", True, [])),
    "backup_protected_items.list": (
        lambda c: c.item("web1").properties["protectedItemType"],
        "Microsoft.Compute/virtualMachines",
    ),
    "backup_jobs.list and job_details.get of a failed job": (
        lambda c: next(
            c.backup.job_details.get("vault-main", "rg-backup", row.name)
            .properties.error_details[0]
            .error_title
            for row in c.backup.backup_jobs.list(
                "vault-main", "rg-backup", filter="status eq 'Failed'"
            )
            if row.properties.entity_friendly_name == "web"
        ),
        "UserErrorRpCollectionLimitReached",
    ),
    "protection_policies.get": (
        lambda c: (
            c.backup.protection_policies.get(
                "vault-main", "rg-backup", "Longer"
            ).properties.instant_rp_retention_range_in_days
        ),
        5,
    ),
    "backups.trigger and its job to the end": (
        _backed_up,
        (202, "InProgress", "Completed", ["Completed", "Completed"]),
    ),
    "recovery_points.list, the tiers as words": (
        lambda c: [
            tier.type
            for tier in next(
                iter(
                    c.backup.recovery_points.list(
                        "vault-main",
                        "rg-backup",
                        "Azure",
                        c.item("web1").id.split("/")[12],
                        c.item("web1").id.split("/")[14],
                    )
                )
            ).properties.recovery_point_tier_details
        ],
        ["InstantRP", "HardenedRP"],
    ),
    "job_cancellations.trigger": (_cancelled, "Cancelled"),
}


def judge() -> Verdict:
    """Make every call, and compare the values in its model."""
    wrong: list[str] = []
    with SimulatorProcess(ESTATE, https=True, time="fast", speed=100) as cloud:
        clients = Clients(cloud)
        for name, (call, wanted) in CHECKS.items():
            try:
                found = call(clients)
            except (HttpResponseError, AttributeError, StopIteration, TypeError) as error:
                found = f"{type(error).__name__}: {error}"
            if found != wanted:
                wrong.append(f"{name}: {found}, not {wanted}")
    names = ", ".join(f"{name} {version(f'azure-mgmt-{name}')}" for name in PACKAGES)
    return Verdict(
        f"Azure SDK for Python, synchronous ({names}; azure-identity {version('azure-identity')})",
        "calls on the three clients, their models reading the answers, operations to their end",
        f"{len(CHECKS)} calls or chains of calls",
        wrong,
        [f"- {name}" for name in CHECKS],
    )
