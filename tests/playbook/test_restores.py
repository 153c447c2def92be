"""The tool explains a failed restore. It never applies a remedy for a failed backup to it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from remediator.checks import run_checks
from remediator.facts import Known, Readings, RecoveryPoint, Tier
from remediator.inspect import compute_usages, networks, providers, storage_accounts
from remediator.inspect.jobs import parse_job
from remediator.job.job import Job, VaultRef
from remediator.reading import Answer
from remediator.simulator.process import SimulatorProcess
from tests.command import STEP, environment, remediate

NOW = datetime(2026, 3, 5, tzinfo=UTC)
VAULT = VaultRef(subscription="S", group="G", name="V")


def job(operation: str, bag: Any) -> Job:
    body = {"name": "j", "properties": {"operation": operation, "extendedInfo": bag}}
    return parse_job(Answer(body=body, at=NOW), VAULT, "GET j")


def scenario(folder: Path, history: str) -> Path:
    path = folder / "scenario.yaml"
    path.write_text(
        "vaults: [{name: vault-main}]\n"
        "vms:\n"
        "  - name: web\n"
        "    provisioning: {state: failed, cured_by: reapply}\n"
        "    protection: {vault: vault-main}\n"
        f"    history: [{history}]\n",
        encoding="utf-8",
    )
    return path


def test_a_restore_never_climbs_a_backups_ladder(tmp_path: Path) -> None:
    told = "{at: 3h ago, operation: Restore, code: UserErrorVmProvisioningStateFailed}"
    with SimulatorProcess(scenario(tmp_path, told), time="stepped", step=STEP) as azure:
        [failed] = azure.failed_jobs("web")
        env = environment(azure, tmp_path)
        all_allowed = ("--yes", "--allow", "downtime", "--allow", "destructive")
        done = remediate("--job-id", failed, *all_allowed, "--format", "json", env=env).check(3)
        assert [(s["kind"], s["action"]) for s in done.json()["steps"]] == [("manual", "none")]
        assert "remedies are for a backup" in " ".join(done.json()["notes"])
        assert azure.writes() == []


def test_the_health_check_asks_nothing_of_a_restore(tmp_path: Path) -> None:
    with SimulatorProcess("healthy") as azure:
        env = environment(azure, tmp_path)
        [vm] = [v for v in azure.state()["vms"] if v["name"] == "web"][:1]
        found = remediate("check", "--vm", vm["id"], "--format", "json", env=env)
        assert [f for f in found.json()["findings"] if f["area"] == "restore"] == []


def test_a_subscription_that_is_full_of_groups_is_told(tmp_path: Path) -> None:
    told = "{at: 3h ago, operation: Restore, message: The resource group quota has been reached}"
    path = scenario(tmp_path, told)
    groups = ", ".join(f"rg-{n:03}" for n in range(980))
    path.write_text(f"groups: [{groups}]\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    with SimulatorProcess(path) as azure:
        [failed] = azure.failed_jobs("web")
        env = environment(azure, tmp_path)
        done = remediate("--job-id", failed, "--dry-run", "--format", "json", env=env)
        [finding] = done.json()["findings"]
        assert (finding["check"], finding["status"]) == ("restore-groups", "fail")
        assert int(finding["values"]["count"]) >= 980


@pytest.mark.parametrize(
    ("valid", "status"), [(frozenset({Tier.VAULT}), "pass"), (frozenset(), "fail")]
)
def test_a_recovery_point_without_a_valid_copy_is_of_no_use(
    valid: frozenset[Tier], status: str
) -> None:
    bag = {"propertyBag": {"Recovery point time ": "3/4/2026 1:30:00 AM"}}
    at = datetime(2026, 3, 4, 1, 30, 0, 400000, tzinfo=UTC)
    point = RecoveryPoint(time=at, consistency="c", valid=valid, in_use=False)
    about = Readings(
        subject=job("Restore", bag).subject, recovery_points=Known((point,), "GET points", NOW)
    )
    [finding] = run_checks(about, ["restore-point"])
    assert finding.status == status


def test_where_a_restore_was_to_go_is_told_by_its_job() -> None:
    bag = {
        "propertyBag": {
            "Job Type": "Recover disks",
            "Recovery point time ": "12/25/2025 10:07:11 PM",
            "Target Storage Account Name": "st1",
            "Target resource group": "rg-target",
        }
    }
    target = job("Restore", bag).restore
    assert target is not None
    assert (target.storage_account, target.group) == ("st1", "rg-target")
    assert target.point == datetime(2025, 12, 25, 22, 7, 11, tzinfo=UTC)
    assert job("Backup", bag).restore is None


@pytest.mark.parametrize("bag", [None, {}, {"propertyBag": None}, {"propertyBag": {"Job Type": 1}}])
def test_a_job_that_tells_no_place_is_a_restore_all_the_same(bag: Any) -> None:
    target = job("Restore", bag).restore
    assert target is not None
    assert (target.storage_account, target.group, target.point) == (None, None, None)


@pytest.mark.parametrize("told", ["25/12/2025 10:07:11", "", "yesterday"])
def test_a_time_that_is_not_understood_is_no_time(told: str) -> None:
    target = job("Restore", {"propertyBag": {"Recovery point time ": told}}).restore
    assert target is not None
    assert target.point is None


def test_what_azure_leaves_out_is_not_known() -> None:
    account = storage_accounts.parse({"name": "st1"})
    assert (account.online, account.open_network) == (None, None)
    assert networks.parse({"name": "n", "properties": None}).subnets == ()
    assert compute_usages.parse({"name": {"value": "cores"}, "limit": 10}) is None
    assert providers.parse({"namespace": "Microsoft.Compute"}) is None


def test_an_account_without_public_access_is_not_open() -> None:
    rules = {"publicNetworkAccess": "Disabled", "networkAcls": {"defaultAction": "Allow"}}
    assert storage_accounts.parse({"name": "st1", "properties": rules}).open_network is False
