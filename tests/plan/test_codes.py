"""The exit code of a dry run depends on whether a remedy is left, not on who holds it.

A remedy that consent or a guard could still let through is pending: the code is 0. The code is 3 (a
human is needed) only if something else holds every remedy, or if there is none.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.command import Ended, environment, remediate
from tests.evidence import scenario

LOCKED = "UserErrorRpCollectionLimitReached"
BUSY = "CopyingVHDsFromBackUpVaultTakingLongTime"
POINTS = {"points": {"count": 2, "newest": "1d ago"}}
ELSEWHERE = "99999999-9999-9999-9999-999999999999"
NOON = "2026-03-07T12:00:00Z"
TEXT = "The collection is beyond repair"

OWN = """\
codes: [Beyond]
title: What the test wants held
sources: [https://example.invalid]
causes: [none]
messages:
  Beyond: {en: The collection is beyond repair}
ladder:
  - rung: only
    title: Delete the collection
    steps: [{action: delete-collection}]
manual: {text: Look.}
"""


def failed(code: str, **more: Any) -> dict[str, Any]:
    """A VM whose last backup failed with a code."""
    return {"collection": POINTS, "history": [{"at": "3h ago", "code": code}]} | more


BROKEN = failed("UserErrorVmProvisioningStateFailed", provisioning="failed")
BEYOND = {
    "collection": {"points": {"count": 3, "newest": "1d ago", "snapshot_only_newest": 1}},
    "history": [{"at": "3h ago", "code": "Unheard", "message": TEXT}],
}
SILENT: dict[str, Any] = {
    "agent": {"state": "not-ready", "cured_by": ["restart"], "takes": "60s"},
    "collection": POINTS,
    "on_demand_backup": "2h ago",
    "scheduled_backup": "1h ago",
}
TRIED = failed(
    LOCKED,
    collection={"group": "AzureBackupRG_westeurope_1"} | POINTS,
    history=[
        *({"at": f"{n}h ago", "code": LOCKED, "user_triggered": True} for n in (5, 4, 3, 2)),
        {"at": "30m ago", "code": LOCKED},
    ],
)
KEEP = {"name": "keep", "scope": "group:AzureBackupRG_westeurope_1"}
EACH_TEXT = (
    "VM Agent unable to communicate with Azure Backup. The VM is in failed provisioning state."
)


@dataclass(frozen=True)
class Way:
    """One reason why the steps of a plan are held, or why there are none."""

    says: str
    """What the plan says about it."""
    vm: dict[str, Any]
    options: tuple[str, ...] = ()
    rest: dict[str, Any] = field(default_factory=dict)
    fault: dict[str, Any] | None = None


PENDING = {
    "nobody": Way("change", failed(BUSY)),
    "consent to a class": Way("needs --allow downtime", BROKEN),
    "consent to a class of a later step": Way(
        "needs --allow protection",
        failed(
            "UserErrorBcmDatasourceNotPresent",
            protection={"vault": "vault-main", "state": "ProtectionStopped"},
            history=[
                {
                    "at": "9d ago",
                    "operation": "ConfigureBackup",
                    "status": "Completed",
                    "property_bag": {"Policy Name": "DefaultPolicy"},
                },
                {"at": "1h ago", "code": "UserErrorBcmDatasourceNotPresent"},
            ],
        ),
    ),
    "consent to a loss": Way(
        "needs --allow-data-loss",
        BEYOND,
        ("--allow", "destructive", "--error-code", "Beyond"),
    ),
    "consent to a guess": Way(
        "needs --error-code Beyond", BEYOND, ("--allow", "destructive", "--allow-data-loss")
    ),
    "consent to all of it": Way("needs --error-code Beyond", BEYOND),
    "the limit of targets": Way("max-targets", failed(BUSY), ("--max-targets", "0")),
    "the places": Way("lies outside", failed(BUSY), ("--only-subscription", ELSEWHERE)),
    "the group": Way("lies outside", failed(BUSY), ("--only-resource-group", "rg-other")),
    "the tag of an owner": Way(
        "opted out", failed(BUSY, tags={"hands": "off"}), ("--opt-out-tag", "hands=off")
    ),
    "a window": Way(
        "outside the maintenance window",
        SILENT,
        ("--allow", "downtime", "--window", "Sat 22:00-04:00 Europe/Berlin"),
        {"clock": NOON},
    ),
    "a window, and consent": Way(
        "needs --allow downtime",
        SILENT,
        ("--window", "Sat 22:00-04:00 Europe/Berlin"),
        {"clock": NOON},
    ),
    "the attempts": Way(
        "on-demand backups have failed", TRIED, ("--attempts", "1"), {"locks": [KEEP]}
    ),
}

LEFT_TO_A_HUMAN = {
    "an unknown fact of a rung": Way(
        "is unknown",
        BROKEN,
        ("--allow", "downtime"),
        fault={"kind": "error", "status": 403, "path": "/virtualMachines/web$", "method": "GET"},
    ),
    "an unknown fact of a step": Way(
        "403",
        BROKEN,
        ("--allow", "downtime"),
        fault={"kind": "error", "status": 403, "path": "/locks$", "method": "GET"},
    ),
    "an unknown history": Way(
        "tries is unknown",
        failed(BUSY),
        fault={"kind": "error", "status": 403, "path": "/backupJobs$", "method": "GET"},
    ),
    "another product's extension": Way(
        "Contoso",
        failed(
            "UserErrorVmProvisioningStateFailed",
            provisioning="failed",
            extensions=[{"name": "Monitor", "publisher": "Contoso", "state": "failed"}],
            history=[
                {
                    "at": "9h ago",
                    "code": "UserErrorVmProvisioningStateFailed",
                    "user_triggered": True,
                },
                {"at": "1h ago", "code": "UserErrorVmProvisioningStateFailed"},
            ],
        ),
        ("--allow", "downtime"),
    ),
    "a lock on the VM": Way(
        "keep",
        BROKEN,
        ("--allow", "downtime"),
        {"locks": [{"name": "keep", "scope": "group:rg-app", "level": "ReadOnly"}]},
    ),
    "a lock on the VM, and consent": Way(
        "keep",
        BROKEN,
        rest={"locks": [{"name": "keep", "scope": "group:rg-app", "level": "ReadOnly"}]},
    ),
    "a running job": Way(
        "is still running",
        failed(
            BUSY,
            history=[{"at": "3h ago", "code": BUSY}, {"at": "10m ago", "status": "InProgress"}],
        ),
    ),
    "Azure's clean-up": Way(
        "wait-for-clean-up",
        {
            "collection": {
                "group": "AzureBackupRG_westeurope_1",
                "points": {"count": 18, "newest": "1d ago"},
            },
            "backup": {"cleanup_delay": "5h"},
            "on_demand_backup": "2h ago",
            "scheduled_backup": "1h ago",
        },
    ),
    "no rung that is left": Way(
        "other start times",
        failed(
            BUSY,
            history=[
                {"at": "5h ago", "code": BUSY, "user_triggered": True},
                {"at": "4h ago", "code": BUSY, "user_triggered": True},
                {"at": "3h ago", "code": BUSY},
            ],
        ),
    ),
    "a code that is not known": Way("no playbook has the code", failed("Unheard")),
    "two playbooks that fit": Way(
        "more than one playbook fits",
        failed("", history=[{"at": "3h ago", "code": "Unheard", "message": EACH_TEXT}]),
    ),
    "a restore": Way(
        "restore", failed("", history=[{"at": "3h ago", "operation": "Restore", "code": BUSY}])
    ),
}

CASES = [
    *(pytest.param(way, 0, id=f"held by {name}") for name, way in PENDING.items()),
    *(pytest.param(way, 3, id=f"held by {name}") for name, way in LEFT_TO_A_HUMAN.items()),
]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "beyond.yaml").write_text(OWN, encoding="utf-8")
    return folder


def started(way: Way, folder: Path) -> SimulatorProcess:
    path = scenario(folder, way.vm, **way.rest)
    return SimulatorProcess(path, time="stepped")


@pytest.mark.parametrize(("way", "code"), CASES)
def test_a_dry_run_ends_with_the_same_code_whoever_holds(
    way: Way, code: int, tmp_path: Path, own: Path
) -> None:
    with started(way, tmp_path) as azure:
        env = environment(azure, tmp_path)
        if way.fault:
            azure.fault(**way.fault, code="AuthorizationFailed", times=None)
        job = ("--job-id", azure.failed_jobs("web")[-1], "--playbooks", str(own))
        look = (*job, *way.options, "--format", "json")
        for verb in (("run", "--dry-run"), ("plan",)):
            if verb == ("plan",) and "--max-targets" in way.options:
                continue  # a plan is for one job, so `plan` has no such option
            ended = remediate(*verb, *look, env=env).check(code)
            assert way.says in ended.out
        remediate("run", "--dry-run", "--detailed-exitcode", *look, env=env).check(code or 2)
        assert azure.writes() == []


def several(azure: SimulatorProcess, folder: Path, own: Path, *options: str) -> Ended:
    """A dry run of the newest failed job of every VM."""
    jobs = [found[-1] for found in azure.state()["failed_jobs"].values()]
    asked = [word for job in jobs for word in ("--job-id", job)]
    look = ("--dry-run", "--playbooks", str(own), "--format", "json", *options)
    ended = remediate(*asked, *look, env=environment(azure, folder))
    assert len(ended.json()["targets"]) == len(jobs)
    assert azure.writes() == []
    return ended


HELD = {
    "a": failed(BUSY, name="a"),
    "b": BROKEN | {"name": "b"},
    "c": BEYOND | {"name": "c"},
    "d": failed(BUSY, name="d", tags={"hands": "off"}),
}
"""Held by nobody; by consent to a class; by consent to a guess; by a guard."""


def test_several_jobs_are_pending_whoever_holds_them(tmp_path: Path, own: Path) -> None:
    with SimulatorProcess(scenario(tmp_path, *HELD.values()), time="stepped") as azure:
        tag = ("--opt-out-tag", "hands=off")
        ended = several(azure, tmp_path, own, *tag).check(0)
        standings = {target["vm"]: target["standing"] for target in ended.json()["targets"]}
        assert standings == {
            "a": "pending",
            "b": "needs-consent",
            "c": "needs-consent",
            "d": "refused",
        }
        several(azure, tmp_path, own, *tag, "--detailed-exitcode").check(2)
        several(azure, tmp_path, own, *tag, "--max-targets", "0").check(0)


def test_one_of_several_that_needs_a_human_is_told_by_the_code(tmp_path: Path, own: Path) -> None:
    human = failed("Unheard", name="e")
    with SimulatorProcess(scenario(tmp_path, *HELD.values(), human), time="stepped") as azure:
        several(azure, tmp_path, own).check(3)
        several(azure, tmp_path, own, "--detailed-exitcode").check(3)


def test_a_held_plan_that_was_to_be_applied_is_not_reported_as_fixed(tmp_path: Path) -> None:
    """The other side of the rule: `--yes` asks for more than a plan."""
    vms = (BROKEN | {"name": "a"}, BROKEN | {"name": "b"})
    with SimulatorProcess(scenario(tmp_path, *vms), time="stepped") as azure:
        env = environment(azure, tmp_path)
        first, second = (azure.failed_jobs(vm)[-1] for vm in "ab")
        remediate("--job-id", first, "--yes", env=env).check(3)
        ended = remediate(
            "--job-id", first, "--job-id", second, "--yes", "--format", "json", env=env
        ).check(3)
        assert {t["standing"] for t in ended.json()["targets"]} == {"needs-consent"}
        saved = tmp_path / "plan.json"
        remediate("plan", "--job-id", first, "--out", str(saved), env=env).check(0)
        remediate("show", str(saved), env=env).check(0)
        remediate("show", str(saved), "--detailed-exitcode", env=env).check(2)
        remediate("apply", str(saved), "--yes", env=env).check(3)
        assert azure.writes() == []


def test_a_vm_that_has_recovered_needs_nobody(tmp_path: Path) -> None:
    history = [{"at": "3h ago", "code": BUSY}, {"at": "1h ago", "status": "Completed"}]
    with SimulatorProcess(scenario(tmp_path, failed("", history=history))) as azure:
        asked = ("--job-id", azure.failed_jobs("web")[-1], "--dry-run", "--detailed-exitcode")
        remediate(*asked, env=environment(azure, tmp_path)).check(0)
