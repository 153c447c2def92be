"""The preflight checks a plan's permissions before the first change. Also: roles and doctor."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from remediator.change.operations import SHAPES
from remediator.facts import Source
from remediator.facts.grants import Grant, given
from remediator.guards.preflight import scope_of
from remediator.inspect.permissions import parse
from remediator.playbook.catalogue import read_catalogue
from remediator.playbook.permissions import READS, of_playbooks
from remediator.simulator.arm import _ROUTER
from remediator.simulator.process import SimulatorProcess
from tests.clouds import stepped
from tests.command import SPEED, STEP, environment, remediate
from tests.evidence import FULL, fix, locks, scenario, sent, triggered
from tests.guarding import applied, check_refused, dry, kinds, refused, saved

BACK_UP = (
    "Microsoft.RecoveryServices/Vaults/backupFabrics/protectionContainers/protectedItems/"
    "backup/action"
)
DELETE_LOCK = "Microsoft.Authorization/locks/delete"
LOCK = {"name": "keep", "scope": "group:AzureBackupRG_westeurope_1"}
VM: dict[str, Any] = {"collection": FULL, "scheduled_backup": "1h ago"}


def denying(folder: Path, *denied: Any) -> Path:
    return scenario(folder, VM, locks=[LOCK], principal={"denied": list(denied)})


@pytest.mark.parametrize(
    ("denied", "missing"),
    [
        (DELETE_LOCK, DELETE_LOCK),
        ("microsoft.authorization/LOCKS/d*", DELETE_LOCK),
        (BACK_UP, BACK_UP),
        ("*/action", BACK_UP),
        ({"action": DELETE_LOCK, "scope": "group:AzureBackupRG_westeurope_1"}, DELETE_LOCK),
        ({"action": BACK_UP, "scope": "vault:vault-main"}, BACK_UP),
    ],
)
def test_nothing_is_begun_that_would_stop_halfway(
    denied: Any, missing: str, tmp_path: Path
) -> None:
    """Otherwise the lock would be off and the backup refused. So every step is checked first."""
    with stepped(denying(tmp_path, denied)) as azure:
        refused(azure, tmp_path, guard="permissions", says=("this identity lacks", missing))
        assert locks(azure) == ["keep"]
        assert "change" in kinds(dry(azure, tmp_path))


def test_without_the_preflight_it_stops_halfway(tmp_path: Path) -> None:
    """The reason for the preflight: this happens if nobody checks first."""
    with SimulatorProcess(denying(tmp_path, BACK_UP), time="fast", speed=SPEED) as azure:
        fix(azure, tmp_path, "--no-preflight").check(3)
        assert locks(azure) == []
        assert triggered(azure) == []


def test_a_denial_elsewhere_is_no_matter(tmp_path: Path) -> None:
    path = denying(tmp_path, {"action": "*/delete", "scope": "group:rg-app"})
    with SimulatorProcess(path, time="fast", speed=SPEED) as azure:
        fix(azure, tmp_path).check(0)


def test_what_cannot_be_checked_is_not_begun(tmp_path: Path) -> None:
    path = denying(tmp_path, "Microsoft.Authorization/permissions/read")
    with SimulatorProcess(path, time="fast", speed=SPEED) as azure:
        says = ("cannot check", "AuthorizationFailed", "--no-preflight")
        refused(azure, tmp_path, guard="permissions", says=says)
        fix(azure, tmp_path, "--no-preflight").check(0)


def test_a_dry_run_asks_for_no_permissions(tmp_path: Path) -> None:
    with stepped() as azure:
        dry(azure, tmp_path)
        assert sent(azure, "GET", "/permissions") == []


def test_a_saved_plan_is_checked_with_the_identity_that_applies_it(tmp_path: Path) -> None:
    with stepped(denying(tmp_path, DELETE_LOCK)) as azure:
        path = saved(azure, tmp_path)
        ended = applied(azure, tmp_path, path, "--format", "json").check(4)
        check_refused(azure, tmp_path, ended, "permissions", (DELETE_LOCK,))


def test_each_scope_is_asked_once(tmp_path: Path) -> None:
    with SimulatorProcess("limit-reached", time="stepped", step=STEP) as azure:
        fix(azure, tmp_path).check(0)
        asked = [r["path"] for r in sent(azure, "GET", "/permissions")]
        assert len(asked) == len(set(asked)) == 2


GRANTS = [
    # an action, grants as (actions, notActions), whether they grant the action
    ("A/b/read", [(["*"], [])], True),
    ("A/b/read", [(["*/read"], [])], True),
    ("A/b/write", [(["*/read"], [])], False),
    ("A/b/read", [(["a/B/READ"], [])], True),
    ("A/b/c/read", [(["A/*/read"], [])], True),
    ("A/b/read", [(["*"], ["A/*"])], False),
    ("A/b/read", [(["*"], ["A/*/write"])], True),
    # If one role leaves out an action, another role can still grant it.
    ("A/b/read", [(["*"], ["A/*"]), (["A/b/read"], [])], True),
    ("A/b/read", [(["*"], ["A/*"]), (["C/*"], [])], False),
    ("A/b/readx", [(["A/b/read"], [])], False),
    ("xA/b/read", [(["A/b/read"], [])], False),
    ("A.b/read", [(["Axb/read"], [])], False),
    ("Axb/read", [(["A.b/read"], [])], False),
    ("A/b/read", [([], [])], False),
    ("A/b/read", [], False),
]


@pytest.mark.parametrize(("action", "grants", "allowed"), GRANTS)
def test_roles_are_added_and_each_takes_away_only_from_itself(
    action: str, grants: list[tuple[list[str], list[str]]], allowed: bool
) -> None:
    rows = [parse({"actions": a, "notActions": n, "dataActions": ["*"]}) for a, n in grants]
    assert given(rows, action) is allowed


def test_a_condition_gives_nothing_that_counts() -> None:
    row = {"actions": ["*"], "notActions": [], "condition": "@Resource[x] StringEquals 'y'"}
    assert not given([parse(row)], "A/b/read")
    assert given([parse(row), Grant(actions=("A/*",), not_actions=())], "A/b/read")


GROUP = "/subscriptions/S/resourceGroups/G"


@pytest.mark.parametrize(
    ("target", "scope"),
    [
        (f"{GROUP}/providers/Microsoft.Authorization/locks/l", GROUP),
        ("/subscriptions/S/providers/Microsoft.Authorization/locks/l", "/subscriptions/S"),
        (
            f"{GROUP}/providers/N.N/things/t/providers/Microsoft.Authorization/roleAssignments/r",
            f"{GROUP}/providers/N.N/things/t",
        ),
        (f"{GROUP}/providers/N.N/things/t/parts/p/bits/b", f"{GROUP}/providers/N.N/things/t"),
        (GROUP, "/subscriptions/S"),
    ],
)
def test_the_scope_at_which_permissions_are_read(target: str, scope: str) -> None:
    assert scope_of(target) == scope


# --- the role and the doctor --------------------------------------------------------------------


ENV = {k: v for k, v in os.environ.items() if not k.startswith(("AZURE_", "REMEDIATE_"))}


def role(*options: str) -> dict[str, Any]:
    return remediate("permissions", *options, env=ENV).check(0).json()


def needed(azure: SimulatorProcess) -> set[str]:
    """The actions that the requests so far needed, by the simulator's own table."""
    routes = (_ROUTER.find(r["method"], r["path"]) for r in azure.requests())
    return {found[0].action.lower() for found in routes if found and not found[0].polling}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("limit-reached", ()),
        ("provisioning-failed", ("--allow", "downtime")),
        ("agent-unavailable", ("--allow", "downtime")),
        ("extension-stuck", ()),
    ],
)
def test_a_role_is_enough_and_lets_write_no_more(
    name: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    with SimulatorProcess(name, time="stepped", step=STEP) as azure:
        plan = saved(azure, tmp_path, *options)
        code = json.loads(plan.read_text("utf-8"))["failure"]["code"]
        planning = needed(azure)
        azure.clear_log()
        applied(azure, tmp_path, plan, *options)
        assert azure.writes()
        used = needed(azure)
    whole = {action.lower() for action in role("--playbook", code)["Actions"]}
    exact = {action.lower() for action in role("--plan", str(plan))["Actions"]}
    assert planning | used <= whole
    assert used <= exact
    changing = {action for action in exact if not action.endswith("/read")}
    assert changing == {action for action in used if not action.endswith("/read")}
    assert not [action for action in whole if "*" in action]


def test_the_role_for_all_holds_that_of_each() -> None:
    every = set(role("--all")["Actions"])
    for playbook in read_catalogue().playbooks:
        spelt = {action.lower() for action in of_playbooks([playbook])}
        assert spelt <= {action.lower() for action in every}
    assert every.isdisjoint({"*", "Microsoft.Authorization/*"})


def test_what_each_source_takes_is_told() -> None:
    assert set(READS) == set(Source)
    assert all(shape.permission for shape in SHAPES.values())


def test_a_role_is_for_the_subscriptions_that_are_named() -> None:
    assert role("--all", "--subscription", "a", "--subscription", "b")["AssignableScopes"] == [
        "/subscriptions/a",
        "/subscriptions/b",
    ]


@pytest.mark.parametrize("options", [(), ("--all", "--playbook", "x"), ("--playbook", "Nothing")])
def test_a_role_for_nothing_is_refused(options: tuple[str, ...]) -> None:
    remediate("permissions", *options, env=ENV).check(64)


def test_the_doctor_says_what_is_missing_for_a_job(tmp_path: Path) -> None:
    with stepped(denying(tmp_path, DELETE_LOCK)) as azure:
        env = environment(azure, tmp_path)
        job = azure.failed_jobs("web")[-1]
        told = remediate("doctor", "--job-id", job, "--format", "json", env=env).check(3).json()
        states = {right["permission"]: right["state"] for right in told["rights"]}
        assert states == {DELETE_LOCK: "missing", BACK_UP: "held"}
        text = remediate("doctor", "--job-id", job, env=env).check(3).out
        assert DELETE_LOCK in text
        assert "missing" in text
        assert "does not see deny assignments" in text
        assert azure.writes() == []


@pytest.mark.parametrize(
    ("denied", "code", "states"),
    [
        ((), 0, {"held"}),
        (("Microsoft.Compute/virtualMachines/*",), 3, {"held", "missing"}),
        (("Microsoft.Authorization/permissions/read",), 3, {"unknown"}),
    ],
)
def test_the_doctor_looks_at_a_vm(
    denied: tuple[str, ...], code: int, states: set[str], tmp_path: Path
) -> None:
    with stepped(denying(tmp_path, *denied)) as azure:
        env = environment(azure, tmp_path)
        vm = azure.state()["vms"][0]["id"]
        told = remediate("doctor", "--vm", vm, "--format", "json", env=env).check(code).json()
        assert {right["state"] for right in told["rights"]} == states
        assert {r["permission"] for r in told["rights"]} == {s.permission for s in SHAPES.values()}


def test_the_doctor_needs_one_patient(tmp_path: Path) -> None:
    with stepped() as azure:
        remediate("doctor", env=environment(azure, tmp_path)).check(64)
        assert azure.requests() == []
