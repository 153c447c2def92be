"""A vault protects a VM of another subscription: every change happens where the VM is.

The vault's own subscription has a VM of the same group and name. The tool must never touch it.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.between import Between, Rule
from tests.command import environment, remediate
from tests.evidence import fix, locks

VAULTS = "11111111-1111-1111-1111-111111111111"
VMS = "22222222-aaaa-2222-aaaa-222222222222"
GROUP = "AzureBackupRG_westeurope_1"
POINTS = {"group": GROUP, "points": {"count": 3, "newest": "1d ago"}}

AILMENTS: dict[str, tuple[dict[str, Any], tuple[str, ...], str]] = {
    "the extension is uninstalled": (
        {"extensions": [{"name": "VMSnapshot", "state": "failed"}]},
        (),
        "/virtualMachines/Web/extensions/VMSnapshot",
    ),
    "the VM is reapplied": (
        {"provisioning": {"state": "failed", "cured_by": "reapply"}},
        ("--allow", "downtime"),
        "/virtualMachines/Web/reapply",
    ),
}


def twins(folder: Path, ailment: dict[str, Any]) -> Path:
    """Two VMs with the same group, name and ailment. The vault protects the far one."""
    twin = {"name": "Web", "group": "RG-App", **ailment}
    far = {
        "subscription": "apps",
        "protection": {"vault": "vault-main"},
        "collection": POINTS,
        "scheduled_backup": "3h ago",
    }
    path = folder / "scenario.yaml"
    text = {
        "subscriptions": {"main": VAULTS, "apps": VMS},
        "vaults": [{"name": "vault-main"}],
        "vms": [twin, twin | far],
    }
    path.write_text(json.dumps(text), encoding="utf-8")
    return path


@pytest.mark.parametrize(("ailment", "options", "tail"), AILMENTS.values(), ids=AILMENTS)
def test_what_is_done_to_the_vm_is_done_where_it_is(
    ailment: dict[str, Any], options: tuple[str, ...], tail: str, tmp_path: Path
) -> None:
    with SimulatorProcess(twins(tmp_path, ailment), time="fast") as azure:
        ended = fix(azure, tmp_path, *options, vm="Web").check(0)
        first, backup = azure.writes()
        near = [r["path"] for r in azure.requests() if f"/{VAULTS}/" in r["path"]]
    assert first["path"].startswith(f"/subscriptions/{VMS}/")
    assert first["path"].endswith(tail)
    assert backup["path"].endswith("/backup")
    assert not [path for path in near if "Microsoft.Compute" in path], "the twin was looked at"
    assert "RECOVERED" in ended.out


def test_the_lock_is_taken_off_where_the_vm_is(tmp_path: Path) -> None:
    with SimulatorProcess("cross-subscription", time="fast") as azure:
        ended = fix(azure, tmp_path, vm="Web").check(0)
        assert locks(azure) == ["ours"]
        assert [r["path"].split("/")[2] for r in azure.writes()] == [VMS, VAULTS]
    assert "RECOVERED" in ended.out


def test_an_allow_list_must_hold_both_subscriptions(tmp_path: Path) -> None:
    """The lock is in one of them and the protected item in the other."""
    with SimulatorProcess("cross-subscription", time="fast") as azure:
        for alone in (VAULTS, VMS):
            fix(azure, tmp_path, "--only-subscription", alone, vm="Web").check(4)
        assert azure.writes() == []
        both = ("--only-subscription", VAULTS, "--only-subscription", VMS)
        fix(azure, tmp_path, *both, vm="Web").check(0)


def test_the_tag_of_the_far_vm_keeps_the_tool_away(tmp_path: Path) -> None:
    ailment = {"extensions": [{"name": "VMSnapshot", "state": "failed"}]}
    path = twins(tmp_path, ailment)
    content = json.loads(path.read_text("utf-8"))
    for tagged, code in ((1, 4), (0, 0)):
        content["vms"][tagged]["tags"] = {"remediate": "off"}
        content["vms"][1 - tagged].pop("tags", None)
        path.write_text(json.dumps(content), encoding="utf-8")
        with SimulatorProcess(path, time="fast") as azure:
            fix(azure, tmp_path, vm="Web").check(code)
            assert bool(azure.writes()) == (code == 0)


@pytest.mark.parametrize("points", [True, False], ids=["points", "no points"])
def test_a_far_vm_that_is_gone_is_not_taken_for_its_twin(points: bool, tmp_path: Path) -> None:
    """Its restore points show that the twin is another VM.

    Without the points, the twin may be the same VM, moved. Then the tool stops nothing and tells a
    human.
    """
    path = twins(tmp_path, {})
    content = json.loads(path.read_text("utf-8"))
    content["vms"][1]["exists"] = False
    if not points:
        del content["vms"][1]["collection"]
    path.write_text(json.dumps(content), encoding="utf-8")
    with SimulatorProcess(path, time="fast") as azure:
        ended = fix(azure, tmp_path, "--allow", "protection", vm="Web").check(0 if points else 3)
        assert [r["method"] for r in azure.writes()] == (["PUT"] if points else [])
    assert ("a VM elsewhere has the same name" in ended.out) is not points


def without(name: str) -> Rule:
    """A rule that removes a key from every answer, at any depth."""

    def left_out(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: left_out(value) for key, value in node.items() if key != name}
        return [left_out(each) for each in node] if isinstance(node, list) else node

    return lambda _asked, told: told.saying(left_out(told.json())) if told.json() else told


LEFT_OUT = {
    "the job does not tell": (("VM Subscription ID",), 0, [VMS, VAULTS]),
    "the item does not tell": (("sourceResourceId", "virtualMachineId"), 0, [VMS, VAULTS]),
    "nobody tells": (("VM Subscription ID", "sourceResourceId", "virtualMachineId"), 3, []),
}


@pytest.mark.parametrize(("names", "code", "written"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_a_place_that_one_answer_leaves_out_is_told_by_another_or_not_believed(
    names: tuple[str, ...], code: int, written: list[str], tmp_path: Path
) -> None:
    """If neither answer names it, nothing is done: the twin is in the vault's subscription."""
    with (
        SimulatorProcess("cross-subscription", time="fast") as azure,
        Between(azure) as middle,
    ):
        middle.rules = [without(name) for name in names]
        env = environment(azure, tmp_path) | {"REMEDIATE_ARM_ENDPOINT": middle.url}
        ended = remediate("--job-id", azure.failed_jobs("Web")[-1], "--yes", env=env).check(code)
        assert [r["path"].split("/")[2] for r in azure.writes()] == written
        assert "ours" in locks(azure)
    if code:
        assert "does not say which VM it is" in " ".join(ended.out.split())
