"""Run Command takes a script, prints the scenario's output, and makes the scenario's cure."""

from typing import Any

import pytest

from .client import Answer, Client, codes
from .conftest import Play

VM = """
vaults: [{name: vault-main}]
vms:
  - name: web
    protection: {vault: vault-main}
"""


def run(client: Client, *lines: str, **parameters: str) -> Answer:
    body: dict[str, Any] = {"commandId": "RunPowerShellScript", "script": list(lines)}
    if parameters:
        body["parameters"] = [{"name": n, "value": v} for n, v in parameters.items()]
    return client.call("POST", f"{client.vm()}/runCommand", body=body)


def output(client: Client, accepted: Answer, seconds: float = 30) -> list[str]:
    assert accepted.status == 202, accepted.body
    client.cloud.advance(seconds)
    return [row["message"] for row in client.get(accepted.headers["location"]).body["value"]]


def test_a_script_that_touches_the_right_things_cures(play: Play) -> None:
    client = play(
        VM
        + "    ailments: [{code: ExtensionSnapshotFailedCOM,"
        + " cured_by_script: [Restart-Service, COMSysApp]}]"
    )
    assert codes(client.back_up()) == ["ExtensionSnapshotFailedCOM"]
    output(client, run(client, "Restart-Service MSDTC"))
    output(client, run(client, "Get-Service COMSysApp"))
    assert codes(client.back_up()) == ["ExtensionSnapshotFailedCOM"]
    output(client, run(client, "param($name)", "restart-service $name", name="comsysapp"))
    assert client.back_up()["status"] == "Completed"
    scripts = client.cloud.state()["vms"][0]["scripts"]
    assert scripts[0] == {
        "script": "Restart-Service MSDTC",
        "parameters": {},
        "status": "succeeded",
    }
    sent = [each for each in client.cloud.writes() if each["path"].endswith("/runCommand")]
    assert sent[-1]["body"]["script"] == ["param($name)", "restart-service $name"]


def test_the_guest_answers_the_first_script_that_fits(play: Play) -> None:
    client = play(
        VM
        + """
    guest:
      answers:
        - {when: [vssadmin, writers], stdout: "Writer name: 'SqlServerWriter'", takes: 90s}
        - {when: vssadmin, stderr: what of it}
"""
    )
    accepted = run(client, "vssadmin list writers")
    client.cloud.advance(30)
    assert client.get(accepted.headers["location"]).status == 202
    assert output(client, accepted, 60) == ["Writer name: 'SqlServerWriter'", ""]
    assert output(client, run(client, "vssadmin")) == ["", "what of it"]
    assert output(client, run(client, "hostname")) == ["", ""]


def test_only_the_last_4096_bytes_come_back(play: Play) -> None:
    long = "a" * 5000 + "é" * 2048
    client = play(VM + f'    guest: {{answers: [{{stdout: "{long}"}}]}}')
    assert output(client, run(client, "cat log"))[0] == "é" * 2048


def test_one_at_a_time(play: Play) -> None:
    client = play(VM)
    assert run(client, "one").status == 202
    second = run(client, "two")
    assert (second.status, second.code) == (409, "Conflict")
    client.cloud.advance(30)
    assert run(client, "two").status == 202


def test_a_vm_that_is_off_runs_nothing(play: Play) -> None:
    client = play(VM + "    power: stopped")
    refused = run(client, "hostname")
    assert (refused.status, refused.code) == (409, "OperationNotAllowed")


def test_a_silent_agent_runs_nothing(play: Play) -> None:
    client = play(
        VM
        + "    agent: not-ready\n"
        + "    ailments: [{code: ExtensionSnapshotFailedCOM, cured_by_script: hostname}]"
    )
    accepted = run(client, "hostname")
    client.cloud.advance(30)
    status = client.get(accepted.headers["azure-asyncoperation"]).body
    assert status["error"]["code"] == "VMAgentStatusCommunicationError"
    state = client.cloud.state()["vms"][0]
    assert state["scripts"][0]["status"] == "failed"
    assert state["ailments"] == ["ExtensionSnapshotFailedCOM"]


def test_linux_prints_both_streams_in_one_row(play: Play) -> None:
    client = play(VM + "    os: linux\n    guest: {answers: [{stdout: out, stderr: err}]}")
    body = {"commandId": "RunShellScript", "script": ["findmnt"]}
    accepted = client.call("POST", f"{client.vm()}/runCommand", body=body)
    assert output(client, accepted) == ["Enable succeeded: \n[stdout]\nout\n[stderr]\nerr"]


@pytest.mark.parametrize("os", ["windows", "linux"])
def test_the_code_of_a_script_is_told_nowhere(play: Play, os: str) -> None:
    client = play(VM + f"    os: {os}\n    guest: {{answers: [{{stdout: out, exit: 123}}]}}")
    command = {"windows": "RunPowerShellScript", "linux": "RunShellScript"}[os]
    body = {"commandId": command, "script": ["exit 123"]}
    accepted = client.call("POST", f"{client.vm()}/runCommand", body=body)
    [first, *_] = output(client, accepted)
    assert "out" in first
    status = client.get(accepted.headers["azure-asyncoperation"]).body
    assert status["status"] == "Succeeded"
    assert "123" not in str(status | {"name": ""})


def test_a_host_that_fails_with_the_script_loses_its_output(play: Play) -> None:
    client = play(
        VM + "    guest: {fails_with_script: true, answers: [{when: one, stdout: out, exit: 1}]}"
    )
    accepted = run(client, "one")
    client.cloud.advance(30)
    status = client.get(accepted.headers["azure-asyncoperation"]).body
    assert status["status"] == "Failed"
    assert status["error"] == {
        "code": "VMExtensionProvisioningError",
        "message": "VM has reported a failure when processing extension 'RunCommandWindows'. "
        'Error message: "Finished executing command".',
    }
    assert "out" not in str(status | {"name": ""})
    assert output(client, run(client, "two")) == ["", ""]
    assert [s["status"] for s in client.cloud.state()["vms"][0]["scripts"]] == [
        "failed",
        "succeeded",
    ]
