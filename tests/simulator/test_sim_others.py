"""Acts of another administrator by the control API: at once, and without a request in the log."""

from typing import Any

import pytest

from remediator.simulator.process import SimulatorError, SimulatorProcess

from .client import COMPUTE, Client

Json = dict[str, Any]

WELL = {"VMSnapshot": "Succeeded", "AzureMonitorWindowsAgent": "Succeeded"}


def vm_id(cloud: SimulatorProcess) -> str:
    client = Client(cloud)
    found = client.get(cloud.state()["vms"][0]["id"], COMPUTE)
    told: str = found.body["properties"]["vmId"]
    return told


def seen(cloud: SimulatorProcess) -> Json:
    """A short form of the parts that may change."""
    state = cloud.state()
    return {
        "vms": [vm["name"] for vm in state["vms"]],
        "power": [vm["power"] for vm in state["vms"]],
        "extensions": [vm["extensions"] for vm in state["vms"]],
        "jobs": len(state["jobs"]["web"]),
        "protection": [item["state"] for item in state["items"]],
        "points": [len(each["points"]) for each in state["collections"]],
    }


@pytest.mark.parametrize(
    ("act", "what", "after"),
    [
        ("power", "power", ["deallocated"]),
        ("install-extension", "extensions", [WELL]),
        ("stop-protection", "protection", ["ProtectionStopped"]),
        ("delete-collection", "points", []),
    ],
)
def test_an_act_changes_one_thing_at_once(act: str, what: str, after: object) -> None:
    with SimulatorProcess("extension-stuck") as cloud:
        before = seen(cloud)
        assert cloud.act(act, "WEB")
        assert seen(cloud) == before | {what: after}
        assert cloud.requests() == []


def test_what_was_backed_up_stays_when_the_vm_goes() -> None:
    with SimulatorProcess("extension-stuck") as cloud:
        before = seen(cloud)
        assert cloud.act("delete-vm", "web")
        assert seen(cloud) == before | {"vms": [], "power": [], "extensions": []}


def test_a_backup_is_begun_by_hand() -> None:
    with SimulatorProcess("extension-stuck") as cloud:
        before = seen(cloud)["jobs"]
        assert cloud.act("backup", "web")
        assert seen(cloud)["jobs"] == before + 1
        assert cloud.state()["jobs"]["web"][-1]["status"] == "InProgress"


def test_a_vm_that_is_made_anew_has_another_guid() -> None:
    with SimulatorProcess("extension-stuck") as cloud:
        before = vm_id(cloud)
        assert cloud.act("recreate-vm", "web")
        assert vm_id(cloud) != before
        assert seen(cloud)["vms"] == ["web"]


@pytest.mark.parametrize(
    ("act", "level"), [("locks-back", "CanNotDelete"), ("locks-back-read-only", "ReadOnly")]
)
def test_a_lock_that_was_taken_off_is_put_on_again(act: str, level: str) -> None:
    with SimulatorProcess("limit-reached") as cloud:
        assert not cloud.act(act, "web")
        [lock] = cloud.state()["locks"]
        Client(cloud).call("DELETE", lock["id"], "2020-05-01")
        assert cloud.act(act, "web")
        on = [(row["level"], row["deleted"]) for row in cloud.state()["locks"]]
        assert on == [(level, False)]


def test_what_is_no_act_is_refused_and_what_is_not_there_is_not_done() -> None:
    with SimulatorProcess("extension-stuck") as cloud:
        with pytest.raises(SimulatorError, match="recreate-vm"):
            cloud.act("bribe", "web")
        assert not cloud.act("delete-vm", "nobody")
