"""A plain HTTP client. It knows nothing of Azure, so it hides nothing."""

import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from remediator.simulator.process import SimulatorProcess

BACKUP = "2026-08-01"
OLD, NEW = "2021-01-01", "2024-10-01"
"""Two recorded api-versions of the backup service, one before and one after 2024-04-01."""
COMPUTE = "2024-11-01"
LOCKS = "2020-05-01"
RESOURCES = "2021-01-01"
DEFAULT = "the simulator's own"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: Any

    @property
    def code(self) -> str:
        return str(self.body["error"]["code"])


class Client:
    def __init__(self, cloud: SimulatorProcess) -> None:
        self.cloud = cloud
        self.subscription = cloud.subscriptions[0]
        self.scope = f"/subscriptions/{self.subscription}"
        context = ssl.create_default_context(cafile=cloud.ca_file)
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )

    def call(
        self,
        method: str,
        path: str,
        version: str | None = COMPUTE,
        *,
        body: Any = None,
        token: str | None = DEFAULT,
        headers: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
    ) -> Answer:
        terms = {name.replace("_", "$", 1): value for name, value in (query or {}).items()}
        if version:
            terms["api-version"] = version
        tail = "&".join(f"{name}={quote(value)}" for name, value in terms.items())
        url = path if path.startswith("http") else f"{self.cloud.url}{quote(path, safe='/%')}"
        if tail and "?" not in url:
            url += f"?{tail}"
        request = urllib.request.Request(  # noqa: S310
            url, method=method, data=None if body is None else json.dumps(body).encode()
        )
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        if token:
            request.add_header(
                "Authorization", f"Bearer {self.cloud.token if token == DEFAULT else token}"
            )
        try:
            with self._opener.open(request, timeout=20) as answer:
                return _read(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return _read(error.code, error.headers, error.read())

    def get(self, path: str, version: str | None = COMPUTE, **query: str) -> Answer:
        return self.call("GET", path, version, query=query)

    def delete(self, path: str, version: str | None = COMPUTE) -> Answer:
        return self.call("DELETE", path, version)

    def group(self, name: str) -> str:
        return f"{self.scope}/resourceGroups/{name}"

    def vm(self, name: str = "web", group: str = "rg-app") -> str:
        return f"{self.group(group)}/providers/Microsoft.Compute/virtualMachines/{name}"

    def vault(self, name: str = "vault-main", group: str = "rg-backup") -> str:
        return f"{self.group(group)}/providers/Microsoft.RecoveryServices/vaults/{name}"

    def item(self, vm: str = "web") -> str:
        items = self.cloud.state()["items"]
        return str(next(item["id"] for item in items if item["vm"] == vm))

    def collection(self, number: int = 0) -> str:
        return str(self.cloud.state()["collections"][number]["id"])

    def trigger(
        self, vm: str = "web", version: str = BACKUP, *, request_id: str = "", until: str = ""
    ) -> Answer:
        properties = {"objectType": "IaasVMBackupRequest"}
        if until:
            properties["recoveryPointExpiryTimeInUTC"] = until
        return self.call(
            "POST",
            f"{self.item(vm)}/backup",
            version,
            body={"properties": properties},
            headers={"x-ms-client-request-id": request_id} if request_id else None,
        )

    def job(self, vm: str = "web", version: str = BACKUP) -> dict[str, Any]:
        """The details of the VM's newest job."""
        path = self.cloud.state()["jobs"][vm][-1]["id"]
        return dict(self.get(path, version).body["properties"])

    def row(self, vm: str = "web", version: str = BACKUP) -> dict[str, Any]:
        """The same job, as the row of a list."""
        name = self.cloud.state()["jobs"][vm][-1]["name"]
        rows = self.get(f"{self.vault()}/backupJobs", version).body["value"]
        return dict(next(row["properties"] for row in rows if row["name"] == name))

    def done(self, accepted: "Answer", seconds: float = 600) -> dict[str, Any]:
        """Let an accepted operation of Compute end, and return its status."""
        assert accepted.status == 202, accepted.body
        self.cloud.advance(seconds)
        return dict(self.get(accepted.headers["azure-asyncoperation"]).body)

    def protect(self, name: str = "web", **properties: Any) -> Answer:
        """PUT a VM's protected item."""
        native = f"iaasvmcontainerv2;rg-app;{name}"
        path = (
            f"{self.vault()}/backupFabrics/Azure/protectionContainers/IaasVMContainer;{native}"
            f"/protectedItems/VM;{native}"
        )
        kind = {"protectedItemType": "Microsoft.Compute/virtualMachines"}
        body = {"properties": kind | {"sourceResourceId": self.vm(name)} | properties}
        answer = self.call("PUT", path, BACKUP, body=body)
        self.cloud.advance(120)
        return answer

    @property
    def policy(self) -> str:
        """The id of the vault's policy."""
        return f"{self.vault()}/backupPolicies/DefaultPolicy"

    def back_up(self, vm: str = "web", seconds: float = 3600) -> dict[str, Any]:
        """Trigger a backup, let time pass, and return its job."""
        accepted = self.trigger(vm)
        assert accepted.status == 202
        self.cloud.advance(seconds)
        operation = self.get(accepted.headers["azure-asyncoperation"])
        job = operation.body["properties"]["jobId"]
        return dict(self.get(f"{self.vault()}/backupJobs/{job}", BACKUP).body["properties"])


def _read(status: int, headers: Any, raw: bytes) -> Answer:
    lowered = {name.lower(): value for name, value in headers.items()}
    return Answer(status, lowered, json.loads(raw) if raw else None)


def codes(job: dict[str, Any]) -> list[str]:
    return [error["errorTitle"] for error in job.get("errorDetails", [])]
