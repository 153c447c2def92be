"""Backups fail because of an ailment in the scenario, until its cure is done."""

import pytest

from .client import BACKUP, codes
from .conftest import Play

VM = """
vaults: [{name: vault-main}]
vms:
  - name: web
    protection: {vault: vault-main}
"""


def test_a_verb_cures_an_ailment_and_another_does_not(play: Play) -> None:
    client = play(
        VM
        + "    ailments: [{code: ExtensionFailedOutOfMemoryError, cured_by: [restart, redeploy]}]"
    )
    assert codes(client.back_up()) == ["ExtensionFailedOutOfMemoryError"]
    client.call("POST", f"{client.vm()}/reapply")
    client.call("POST", f"{client.vm()}/start")
    client.cloud.advance(600)
    assert codes(client.back_up()) == ["ExtensionFailedOutOfMemoryError"]
    assert client.cloud.state()["vms"][0]["ailments"] == ["ExtensionFailedOutOfMemoryError"]
    client.call("POST", f"{client.vm()}/restart")
    client.cloud.advance(60)
    assert client.back_up()["status"] == "Completed"
    assert client.cloud.state()["vms"][0]["ailments"] == []


def test_a_cure_takes_its_time(play: Play) -> None:
    client = play(
        VM
        + "    ailments: [{code: GuestAgentCertificateNotFound, cured_by: deallocate, takes: 1h}]"
    )
    client.call("POST", f"{client.vm()}/deallocate")
    client.cloud.advance(60)
    client.call("POST", f"{client.vm()}/start")
    client.cloud.advance(60)
    assert codes(client.back_up(seconds=1800)) == ["GuestAgentCertificateNotFound"]
    client.cloud.advance(3600)
    assert client.back_up()["status"] == "Completed"


def test_starting_what_runs_cures_nothing(play: Play) -> None:
    client = play(VM + "    ailments: [{code: GuestAgentCertificateNotFound, cured_by: start}]")
    client.call("POST", f"{client.vm()}/start")
    client.cloud.advance(60)
    assert codes(client.back_up()) == ["GuestAgentCertificateNotFound"]
    for verb in ("powerOff", "start"):
        client.call("POST", f"{client.vm()}/{verb}")
        client.cloud.advance(60)
    assert client.back_up()["status"] == "Completed"


def test_deleting_the_snapshot_extension_cures_and_another_one_does_not(play: Play) -> None:
    client = play(
        VM
        + "    extensions: [VMSnapshot, Monitoring]\n"
        + "    ailments: [{code: ExtensionOperationFailed, cured_by: extension-delete}]"
    )
    client.delete(f"{client.vm()}/extensions/Monitoring")
    client.cloud.advance(60)
    assert codes(client.back_up()) == ["ExtensionOperationFailed"]
    client.delete(f"{client.vm()}/extensions/VMSnapshot")
    client.cloud.advance(60)
    assert client.back_up()["status"] == "Completed"


@pytest.mark.parametrize(("stage", "tasks"), [("snapshot", "NotStarted"), ("transfer", "Failed")])
def test_an_ailment_says_what_the_scenario_says(play: Play, stage: str, tasks: str) -> None:
    client = play(
        VM
        + f"""
    ailments:
      - code: UserErrorCrpReportedUserError
        stage: {stage}
        number: 4711
        message: 由于出现错误，备份失败。
        dynamic_message: "ScopeLocked: the scope is locked"
        recommendations: [one, two]
        times: 2
"""
    )
    for _ in range(2):
        job = client.back_up()
        assert job["errorDetails"] == [
            {
                "errorCode": 4711,
                "errorTitle": "UserErrorCrpReportedUserError",
                "errorString": "由于出现错误，备份失败。",
                "recommendations": ["one", "two"],
            }
        ]
        assert job["extendedInfo"]["dynamicErrorMessage"] == "ScopeLocked: the scope is locked"
        assert job["extendedInfo"]["tasksList"][1]["status"] == tasks
    assert client.back_up()["status"] == "Completed"


def test_an_ailment_ends_by_itself(play: Play) -> None:
    client = play(VM + "    ailments: [{code: UserErrorProt32dAllocationPending, until: in 2h}]")
    assert codes(client.back_up(seconds=3600)) == ["UserErrorProt32dAllocationPending"]
    client.cloud.advance(3600)
    assert client.back_up()["status"] == "Completed"


def test_the_code_of_a_vm_that_is_gone_can_be_chosen(play: Play) -> None:
    client = play(VM + "    exists: false\n    ailments: [{code: BCMV2VMNotFound}]")
    [error] = client.back_up()["errorDetails"]
    assert (error["errorCode"], error["errorTitle"]) == (400094, "BCMV2VMNotFound")


def test_what_happened_before_is_an_ailment_too(play: Play) -> None:
    client = play(
        VM
        + "    ailments: [{code: ExtensionSnapshotFailedCOM, cured_by: restart}]\n"
        + "    scheduled_backup: 3h ago"
    )
    [failed] = client.cloud.failed_jobs("web")
    assert codes(client.get(failed, BACKUP).body["properties"]) == ["ExtensionSnapshotFailedCOM"]
