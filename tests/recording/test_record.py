"""`remediate record` from outside: the file, the exit code, the requests to the simulator."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from remediator.recording.pair import read_pairs
from remediator.simulator.process import SimulatorProcess
from tests.command import environment, remediate
from tests.evidence import scenario

JOB = "4b1dfe0a-7ad5-4a9b-9d5c-000000000001"
VM = {
    "name": "contoso-till7",
    "group": "rg-contoso-shops",
    "protection": {"vault": "vault-main", "policy": "Nightly-Contoso"},
    "tags": {"costcentre": "Zq4711Payroll"},
    "collection": {
        "group": "AzureBackupRG_westeurope_1",
        "points": {"count": 3, "newest": "1d ago"},
    },
    "history": [
        {"at": "30h ago", "code": None},
        {
            "at": "3h ago",
            "code": "UserErrorGuestAgentStatusUnavailable",
            "message": "The agent of contoso-till7 at 10.77.3.9 does not answer "
            "bob.miller@contoso.example, "
            "see https://contosodiag.blob.core.windows.net/boot/log.txt?sv=1&sig=pLaNtEd%3D",
        },
    ],
}
VAULTS = [
    {"name": "vault-main", "group": "rg-contoso-vaults", "policies": [{"name": "Nightly-Contoso"}]}
]
LOCKS: list[dict[str, Any]] = [
    {
        "name": "keep-contoso",
        "scope": "group:AzureBackupRG_westeurope_1",
        "notes": "ask Alice Example before you touch Zq-secret-project",
    }
]
PLANTED = (
    "contoso", "zq4711payroll", "10.77.3.9", "bob.miller", "alice", "zq-secret-project",
    "planted", "costcentre", "127.0.0.1",
)  # fmt: skip


def made(folder: Path) -> Path:
    vm = {k: v for k, v in VM.items() if k != "history"}
    vm["history"] = [VM["history"][1]]  # type: ignore[index]
    return scenario(folder, vm, vaults=VAULTS, locks=LOCKS)


def recorded(folder: Path) -> str:
    [file] = folder.glob("*.jsonl")
    return file.read_text(encoding="utf-8")


def test_a_job_is_recorded_without_a_name_and_nothing_is_written_to_azure(tmp_path: Path) -> None:
    with SimulatorProcess(made(tmp_path)) as azure:
        env = environment(azure, tmp_path / "state")
        job = azure.failed_jobs("contoso-till7")[-1]
        ended = remediate("record", "--job-id", job, env=env, cwd=tmp_path).check(0)
        assert azure.writes() == []
        asked = {
            request["path"].lower() for request in azure.requests() if request["method"] == "GET"
        }
        token = azure.token
    text = recorded(tmp_path)
    left = [word for word in (*PLANTED, token, token[:40]) if word.lower() in text.lower()]
    assert left == []
    assert job.split("/")[2].lower() not in text.lower()  # the subscription
    [file] = tmp_path.glob("remediate-record-*.jsonl")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    pairs = read_pairs(file)
    # The file holds every answer: it has as many addresses as the simulator was asked for.
    assert len({pair.uri.split("?")[0].lower() for pair in pairs}) == len(asked)
    assert "assumptions confirmed" in ended.out
    assert str(file.name) in ended.out


def test_relations_words_and_forms_stay(tmp_path: Path) -> None:
    with SimulatorProcess(made(tmp_path)) as azure:
        env = environment(azure, tmp_path / "state")
        job = azure.failed_jobs("contoso-till7")[-1]
        remediate("record", "--job-id", job, env=env, cwd=tmp_path).check(0)
    [file] = tmp_path.glob("*.jsonl")
    first, *rest = read_pairs(file)
    properties = first.body["properties"]
    _, group, vm = properties["containerName"].split(";")
    assert properties["entityFriendlyName"].lower() == vm
    assert first.uri.startswith("https://management.azure.com/")
    machine = next(
        p for p in rest if p.uri.split("?")[0].lower().endswith(f"/virtualmachines/{vm}")
    )
    assert f"/resourcegroups/{group}/" in machine.uri.lower()
    assert properties["errorDetails"][0]["errorTitle"] == "UserErrorGuestAgentStatusUnavailable"
    said = properties["errorDetails"][0]["errorString"]
    assert "The agent of" in said
    assert f" {vm} " in said.lower()
    assert "sig=***" in said or "sig=" not in said
    assert machine.body["location"] == "westeurope"
    assert machine.body["properties"]["provisioningState"] == "Succeeded"
    assert any("AzureBackupRG_westeurope_1" in json.dumps(pair.body) for pair in rest)
    assert all("authorization" not in pair.headers for pair in (first, *rest))


def test_an_existing_file_is_not_replaced_unasked(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text("precious\n", encoding="utf-8")
    with SimulatorProcess("healthy") as azure:
        env = environment(azure, tmp_path / "state")
        refused = remediate("record", "--vm", "web", "-o", str(file), env=env).check(64)
        assert "there already" in refused.err
        assert file.read_text(encoding="utf-8") == "precious\n"
        assert azure.requests() == []
        remediate("record", "--vm", "web", "-o", str(file), "--force", env=env).check(0)
    assert "precious" not in file.read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.glob("*jsonl*")] == ["mine.jsonl"]


@pytest.mark.parametrize("arguments", [(), ("--vm", "web", "--job-id", JOB)])
def test_a_job_or_a_vm_is_named(arguments: tuple[str, ...], tmp_path: Path) -> None:
    with SimulatorProcess("healthy") as azure:
        env = environment(azure, tmp_path)
        assert "either" in remediate("record", *arguments, env=env).check(64).err
        assert azure.requests() == []


def test_what_cannot_be_read_is_told_and_recorded(tmp_path: Path) -> None:
    with SimulatorProcess("demo") as azure:
        env = environment(azure, tmp_path / "state")
        azure.fault("error", path="/locks$", status=403, code="AuthorizationFailed", times=None)
        ended = remediate(
            "record", "--vm", "web", "--resource-group", "rg-shop", env=env, cwd=tmp_path
        )
        ended.check(3)
        assert "not read" in ended.out
        assert "403 AuthorizationFailed on GET" in ended.out
    [file] = tmp_path.glob("*.jsonl")
    pairs = read_pairs(file)
    assert [pair.status for pair in pairs if pair.status == 403] == [403]
    assert sum(pair.status == 200 for pair in pairs) > 10


def test_a_job_that_cannot_be_read_leaves_the_refusal(tmp_path: Path) -> None:
    with SimulatorProcess("demo") as azure:
        env = environment(azure, tmp_path / "state")
        job = azure.failed_jobs("web")[-1]
        azure.fault(
            "error", path="/backupJobs/", status=403, code="AuthorizationFailed", times=None
        )
        ended = remediate("record", "--job-id", job, env=env, cwd=tmp_path).check(1)
        assert "AuthorizationFailed" in ended.err
    [file] = tmp_path.glob("*.jsonl")
    assert [pair.status for pair in read_pairs(file)] == [403]


def test_each_page_and_each_attempt_is_there(tmp_path: Path) -> None:
    with SimulatorProcess("demo") as azure:
        env = environment(azure, tmp_path / "state")
        azure.fault("error", path="/backupProtectedItems$", status=504, code="GatewayTimeout")
        job = azure.failed_jobs("web")[-1]
        remediate("record", "--job-id", job, env=env, cwd=tmp_path).check(0)
    [file] = tmp_path.glob("*.jsonl")
    pairs = read_pairs(file)
    assert [p.status for p in pairs if p.status >= 500] == [504]
    assert any(p.status == 200 and "backupProtectedItems" in p.uri for p in pairs)


def test_a_job_that_succeeded_is_recorded_too(tmp_path: Path) -> None:
    with SimulatorProcess("demo") as azure:
        env = environment(azure, tmp_path / "state")
        job = azure.state()["jobs"]["web1"][-1]
        assert job["status"] == "Completed"
        remediate("record", "--job-id", job["id"], env=env, cwd=tmp_path).check(0)
        assert azure.writes() == []
    [file] = tmp_path.glob("*.jsonl")
    pairs = read_pairs(file)
    assert pairs[0].body["properties"]["status"] == "Completed"
    assert any("instanceView" in pair.uri for pair in pairs)
    # The recorder asks on purpose for things that the vault does not have, to record such answers.
    assert sum(pair.status == 404 and "/backup" in pair.uri for pair in pairs) >= 2
