"""Send the recorded requests to the simulator, in the recorded situations."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

from remediator.simulator.process import SimulatorProcess
from tests.conformance.cassette import Pair

SCENARIO = Path(__file__).with_name("scenario.yaml")
HOST = "https://management.azure.com"
COMPUTE, LOCKS, RESOURCES, VAULTS = "2021-03-01", "2016-09-01", "2021-01-01", "2016-06-01"
"""The newest recorded api-versions for everything outside the backup service."""
REQUEST_ID = "4f1c2b0a-0d3e-4a57-9b1c-7d2f6a8e5c31"
ADMINISTRATOR = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
"""The id of the built-in role Key Vault Administrator."""
EXPIRY = "2030-01-31T03:56:48.1616015Z"


class Asker:
    """Asks a simulator, and keeps every answer."""

    def __init__(self, cloud: SimulatorProcess, version: str) -> None:
        self.cloud = cloud
        self.version = version
        self.scope = f"/subscriptions/{cloud.subscriptions[0]}"
        self.group = f"{self.scope}/resourceGroups/rg-app"
        self.vault = (
            f"{self.scope}/resourceGroups/rg-backup/providers/Microsoft.RecoveryServices"
            "/vaults/vault-main"
        )
        self.answers: list[Pair] = []

    def ask(self, method: str, target: str, version: str = "", body: Any = None) -> Pair:
        """Send one request. A target with its own api-version is not changed."""
        tail = (
            target
            if "api-version=" in target
            else (f"{target}{'&' if '?' in target else '?'}api-version={version or self.version}")
        )
        tail = tail.removeprefix(self.cloud.url)
        sent = "" if body is None else json.dumps(body)
        request = urllib.request.Request(  # noqa: S310 - our own child process
            self.cloud.url + quote(tail, safe="/?&=$%;'"),
            method=method,
            data=sent.encode() or None,
            headers={
                "Authorization": f"Bearer {self.cloud.token}",
                "Content-Type": "application/json",
                "x-ms-client-request-id": REQUEST_ID,
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                status, headers, raw = answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            with error:
                status, headers, raw = error.code, dict(error.headers), error.read()
        lowered = {name.lower(): value for name, value in headers.items()}
        pair = Pair(
            method, HOST + tail, status, lowered, sent, json.loads(raw or b"null"), "simulator"
        )
        self.answers.append(pair)
        return pair

    def get(self, target: str, version: str = "") -> Pair:
        return self.ask("GET", target, version)

    def rows(self, target: str, version: str = "") -> list[Any]:
        """Ask for a list, then for each of its rows by its id."""
        found: list[Any] = self.get(target, version).body["value"]
        for row in found:
            self.get(row["id"], version)
        return found

    def item(self, vm: str) -> str:
        """The path of a VM's protected item, in the spelling of a client."""
        native = f"iaasvmcontainerv2;rg-app;{vm}"
        return (
            f"{self.vault}/backupFabrics/Azure/protectionContainers/IaasVMContainer;{native}"
            f"/protectedItems/VM;{native}"
        )

    def machine(self, vm: str) -> str:
        """The path of a VM."""
        return f"{self.group}/providers/Microsoft.Compute/virtualMachines/{vm}"


def ask_everything(version: str) -> list[Pair]:
    """The simulator's answers to all recorded requests. `version` is for the backup service."""
    with SimulatorProcess(SCENARIO, time="stepped") as cloud:
        asker = Asker(cloud, version)
        for look in (_backup_now, _cancelled, _protected, _standing, _machines, _locks, _refused):
            look(asker)
        return asker.answers


def _links(asker: Asker, answer: Pair) -> None:
    """Follow both links of a 202 once."""
    for name in ("azure-asyncoperation", "location"):
        if name in answer.headers:
            asker.get(answer.headers[name])


def _job(asker: Asker, answer: Pair) -> str:
    """The path of the job of an accepted operation."""
    operation = answer.headers["azure-asyncoperation"].partition("?")[0].rpartition("/")[2]
    told = asker.get(f"{asker.vault}/backupOperations/{operation}").body
    return f"{asker.vault}/backupJobs/{told['properties']['jobId']}"


def _trigger(asker: Asker, vm: str) -> Pair:
    wish = {"objectType": "IaasVMBackupRequest", "recoveryPointExpiryTimeInUTC": EXPIRY}
    return asker.ask("POST", f"{asker.item(vm)}/backup", body={"properties": wish})


def _backup_now(asker: Asker) -> None:
    """An on-demand backup, to its end."""
    begun = _trigger(asker, "web")
    operation = begun.headers["azure-asyncoperation"].partition("?")[0].rpartition("/")[2]
    asker.get(f"{asker.vault}/backupOperations/{operation}")
    _links(asker, begun)
    asker.cloud.advance(40)
    _links(asker, begun)
    job = _job(asker, begun)
    for seconds in (0, 60, 3600):
        asker.cloud.advance(seconds)
        asker.get(job)
        asker.get(f"{asker.vault}/backupJobs")


def _cancelled(asker: Asker) -> None:
    """An on-demand backup that is cancelled."""
    begun = _trigger(asker, "slow")
    asker.cloud.advance(40)
    job = _job(asker, begun)
    stopped = asker.ask("POST", f"{job}/cancel")
    asker.get(job)
    _links(asker, stopped)
    asker.cloud.advance(600)
    _links(asker, stopped)
    asker.get(job)


def _protected(asker: Asker) -> None:
    """Discover and protect a VM, and delete the backups of another one."""
    looked = asker.ask("POST", f"{asker.vault}/backupFabrics/Azure/refreshContainers")
    _links(asker, looked)
    asker.cloud.advance(120)
    _links(asker, looked)
    # azure-cli writes the name of a new item like this, and the links repeat it.
    begun = asker.item("bare").replace("/VM;", "/vm;")
    wish = {
        "protectedItemType": "Microsoft.Compute/virtualMachines",
        "sourceResourceId": asker.machine("bare"),
        "policyId": f"{asker.vault}/backupPolicies/DefaultPolicy",
    }
    for answer in (
        asker.ask("PUT", begun, body={"properties": wish}),
        asker.ask("DELETE", asker.item("gone")),
    ):
        _links(asker, answer)
        asker.cloud.advance(300)
        _links(asker, answer)
        asker.get(_job(asker, answer))


def _standing(asker: Asker) -> None:
    """Everything that a vault shows."""
    of_vms = "backupManagementType eq 'AzureIaasVM'"
    asker.rows(f"{asker.vault}/backupJobs")
    asker.rows(f"{asker.vault}/backupProtectedItems?$filter={of_vms} and itemType eq 'VM'")
    asker.rows(f"{asker.vault}/backupPolicies")
    asker.get(f"{asker.vault}/backupProtectionContainers?$filter={of_vms}")
    asker.get(f"{asker.vault}/backupProtectableItems?$filter={of_vms}")
    for vm in ("web", "api"):
        asker.rows(f"{asker.item(vm)}/recoveryPoints")
    for place in (asker.scope, asker.vault.partition("/providers/")[0]):
        asker.rows(f"{place}/providers/Microsoft.RecoveryServices/vaults", VAULTS)


def _machines(asker: Asker) -> None:
    """Machines, their disks and extensions, and an operation on one machine."""
    asker.get(asker.group, RESOURCES)
    for vm in ("web", "api", "mail", "dull"):
        found = asker.get(asker.machine(vm), COMPUTE).body
        asker.get(f"{asker.machine(vm)}?$expand=instanceView", COMPUTE)
        disk = found["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
        asker.get(disk, "2020-12-01")
        for extension in asker.get(f"{asker.machine(vm)}/extensions", COMPUTE).body["value"]:
            asker.get(extension["id"], COMPUTE)
    restarted = asker.ask("POST", f"{asker.machine('bare')}/restart", COMPUTE)
    asker.get(restarted.headers["azure-asyncoperation"])
    asker.cloud.advance(600)
    asker.get(restarted.headers["azure-asyncoperation"])


def _locks(asker: Asker) -> None:
    """Locks of a subscription, a group and a VM, from creation to deletion."""
    asker.ask("PUT", f"{asker.scope}/resourceGroups/rg-new", RESOURCES, {"location": "eastus"})
    groups = f"{asker.scope}/resourceGroups"
    for place in (asker.scope, f"{groups}/rg-backup", asker.machine("bare")):
        lock = f"{place}/providers/Microsoft.Authorization/locks/own"
        for notes in ({}, {"notes": "by hand"}):
            wish = {"properties": {"level": "CanNotDelete", **notes}}
            asker.ask("PUT", lock, LOCKS, wish)
            asker.ask("PUT", lock, LOCKS, wish)
            asker.rows(f"{place}/providers/Microsoft.Authorization/locks", LOCKS)
            asker.ask("DELETE", lock, LOCKS)
        asker.ask("DELETE", lock, LOCKS)


def _refused(asker: Asker) -> None:
    """Requests that Azure refuses."""
    absent = "00000000-1111-2222-3333-444444444444"
    for tail in ("backupPolicies/gone", f"backupJobs/{absent}", f"backupOperations/{absent}"):
        asker.get(f"{asker.vault}/{tail}")
    asker.get(asker.item("nobody"))
    asker.get(asker.machine("nobody"), COMPUTE)
    asker.get(f"{asker.scope}/resourceGroups/nobody", RESOURCES)
    asker.ask("DELETE", f"{asker.machine('web')}/extensions/VMSnapshot", COMPUTE)
    asker.get(f"/subscriptions/{absent}/resourceGroups/nobody", RESOURCES)
    role = f"{asker.group}/providers/Microsoft.Authorization/roleAssignments/{absent}"
    of = f"{asker.scope}/providers/Microsoft.Authorization/roleDefinitions/{ADMINISTRATOR}"
    wish = {"roleDefinitionId": of, "principalId": absent}
    asker.ask("PUT", role, "2020-04-01-preview", {"properties": wish})
    asker.cloud.fault("throttle-arm", method="DELETE")
    asker.ask("DELETE", f"{asker.machine('web')}/extensions/VMSnapshot", COMPUTE)
    asker.cloud.fault("error", like="day-limit", path="/backup$")
    _trigger(asker, "young")
    for word in ("gateway-timeout", "rest-api-error", "no-gateway-host"):
        asker.cloud.fault("error", like=word, path="/backupOperations/")
        asker.get(f"{asker.vault}/backupOperations/{absent}")
