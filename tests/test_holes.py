"""Holes that tools of this kind have had, each with the test that this tool does not have it.

- T1: an action fails, but the exit code is 0.
- T3: the next step follows a failed one.
- T4: a dry run changes something.
- T6: an approval that fails counts as one.
- T7: a limit makes a dry run fail.
- T8: what the tool may not read looks like nothing.
- T13: a VM is retried once per failed job, and after it has recovered.
- T14: only the first page counts.

`ELSEWHERE` names the holes that other files already test.
"""

import re
from pathlib import Path
from typing import Any, Final

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.clouds import stepped
from tests.command import SPEED, STEP, Ended, environment, remediate
from tests.evidence import FULL, fix, locks, results, scenario, sent, triggered
from tests.guarding import dry, kinds
from tests.places import TESTS

ELSEWHERE: Final = {
    "T2": ["run/test_doubtful_triggers.py::test_an_operation_that_refuses_the_backup_is_a_failure"],
    "T3": [
        "run/test_doubtful_changes.py::test_a_failed_operation_ends_the_run_before_the_next_step",
        "flow/test_batch.py::test_t3_where_a_step_fails_that_vm_is_left_and_the_others_are_fixed",
    ],
    "T5": ["plan/test_stale.py::test_a_plan_is_stale_when_locks_differ"],
    "T6": [
        "cli/test_asking.py::test_on_a_terminal_all_but_yes_is_no",
        "cli/test_asking.py::test_without_a_terminal_nobody_is_asked_and_nothing_is_done",
        "cli/test_asking.py::test_a_saved_plan_without_a_terminal_needs_yes",
    ],
    "T8": [
        "azure/test_withheld.py::test_what_may_not_be_read_is_unknown_and_holds_everything",
        "flow/test_batch.py::test_t8_a_refused_read_in_one_subscription_does_not_stop_the_fix_in_the_other",
    ],
    "T9": ["azure/test_withheld.py::test_a_throttled_read_is_waited_for_and_asked_once_more"],
    "T10": [
        "azure/test_withheld.py::test_a_token_that_expires_on_the_way_leaves_a_true_record",
        "azure/test_sign_in.py::test_a_run_outlives_the_tokens_that_it_signed_in_with",
    ],
    "T11": ["run/test_interruptions.py::test_killed_at_any_request"],
    "T12": ["actions/test_guest_commands.py::test_a_busy_guest_is_waited_for"],
    "T13": [
        "run/test_once.py::test_a_newer_success_leaves_nothing_to_do",
        "flow/test_batch.py::test_t13_a_vm_with_several_failed_jobs_is_treated_once",
    ],
    "T14": [
        "azure/test_withheld.py::test_a_list_in_two_pages_is_read_to_its_end",
        "azure/test_withheld.py::test_half_a_list_is_never_taken_for_the_whole",
    ],
    "T15": ["cli/test_requests.py::test_a_command_that_asks_nothing_imports_nothing_that_asks"],
    "T16": ["azure/test_sign_in.py::test_auto_takes_the_token_or_what_the_environment_has"],
    "T17": ["run/test_interruptions.py::test_ctrl_c_leaves_a_true_report"],
}

SILENT: Final[dict[str, Any]] = {
    "agent": {"state": "not-ready", "cured_by": ["restart"], "takes": "60s"},
    "collection": {"points": {"count": 2, "newest": "1d ago"}},
    "on_demand_backup": "2h ago",
    "scheduled_backup": "1h ago",
}
"""A VM whose next remedies are a restart and then a backup."""

LOCK: Final = {"name": "keep", "scope": "group:AzureBackupRG_westeurope_1"}


@pytest.mark.parametrize("named", [test for tests in ELSEWHERE.values() for test in tests])
def test_what_is_proved_elsewhere_is_there(named: str) -> None:
    file, _, test = named.partition("::")
    text = (TESTS / file).read_text("utf-8")
    assert re.search(rf"^def {test}\(", text, re.MULTILINE)


@pytest.mark.parametrize("how", ["refused", "failed later"])
@pytest.mark.parametrize("step", ["/restart$", "/backup$"])
def test_t1_t3_a_failed_step_is_told_and_nothing_follows_it(
    how: str, step: str, tmp_path: Path
) -> None:
    path = scenario(tmp_path, SILENT)
    with SimulatorProcess(path, time="stepped", step=STEP) as azure:
        kind = "error" if how == "refused" else "lro-fails"
        azure.fault(kind, method="POST", path=step, code="Broken", status=409, times=None)
        before = len(triggered(azure))
        ended = fix(azure, tmp_path, "--allow", "downtime", "--format", "json")
        assert ended.code not in (0, 1), ended.err
        failed = [o for o in ended.json()["outcomes"] if o["result"] == "failed"]
        assert len(failed) == 1
        assert "Broken" in failed[0]["text"]
        wanted = ["failed", "not-reached"] if step == "/restart$" else ["applied", "failed"]
        assert results(tmp_path) == wanted
        assert len(triggered(azure)) == before
        if step == "/restart$":
            assert sent(azure, "POST", "/backup") == []


ALLOWING: Final = [
    word
    for impact in ("downtime", "cost", "protection", "security", "guest", "destructive")
    for word in ("--allow", impact)
]


@pytest.mark.parametrize(
    "name",
    [
        "limit-reached",
        "limit-reached-slow-cleanup",
        "agent-unavailable",
        "agent-silent",
        "extension-stuck",
        "provisioning-failed",
        "backup-in-progress",
        "protection-stopped",
        "vm-gone",
        "unknown-code",
        "permission-denied",
    ],
)
def test_t4_a_dry_run_only_reads_whatever_is_consented_to(name: str, tmp_path: Path) -> None:
    with stepped(name) as azure:
        job = azure.failed_jobs("web")[-1]
        before = azure.state()
        env = environment(azure, tmp_path)
        consent = [*ALLOWING, "--allow-data-loss", "--opt-out-tag", "keep-off"]
        for arguments, codes in (
            (["run", "--job-id", job, "--dry-run", "--yes", *consent], (0, 3)),
            # Nobody can be asked. If a change was wanted, the tool refuses.
            (["run", "--job-id", job, *consent], (0, 3, 4)),
            (["plan", "--job-id", job, "--out", str(tmp_path / "plan"), *consent], (0, 3)),
            (["doctor", "--job-id", job], (0, 3)),
        ):
            assert remediate(*arguments, env=env).code in codes
        assert {r["method"] for r in azure.requests()} == {"GET"}
        assert azure.state() == before
        assert not (tmp_path / "runs").exists()


LIMITS: Final = [
    ("--max-targets", "0"),
    ("--only-subscription", "99999999-9999-9999-9999-999999999999"),
    ("--only-resource-group", "elsewhere"),
    ("--opt-out-tag", "team"),
    ("--window", "Sun 00:00-00:01"),
    ("--attempts", "0"),
]


@pytest.mark.parametrize("limit", LIMITS, ids=" ".join)
def test_t7_a_dry_run_over_a_limit_lists_everything_and_does_not_fail(
    limit: tuple[str, str], tmp_path: Path
) -> None:
    vm = SILENT | {"tags": {"team": "x"}}
    with stepped(scenario(tmp_path, vm, clock="2026-03-07T12:00:00Z")) as azure:
        free = dry(azure, tmp_path, "--allow", "downtime")
        wanted = [step for step in free["steps"] if step["kind"] == "change"]
        assert wanted
        over = dry(azure, tmp_path, "--allow", "downtime", *limit)
        assert [s["change"] for s in over["steps"] if s["kind"] == "held"] == wanted
        assert all(s["why"][0] for s in over["steps"] if s["kind"] == "held")
        ended = fix(azure, tmp_path, "--allow", "downtime", *limit).check(4)
        assert "refused by a guard" in ended.err
        assert azure.writes() == []


def test_t8_what_may_not_be_read_is_never_nothing(tmp_path: Path) -> None:
    """Refuse each read of a plan in turn. The step that rests on it is held and says so."""
    with stepped() as azure:
        free = dry(azure, tmp_path)
        job, *reads = dict.fromkeys(r["path"] for r in azure.requests())
        held = []
        for path in reads:
            azure.clear_faults()
            azure.fault(
                "error",
                status=403,
                code="AuthorizationFailed",
                method="GET",
                path=f"^{re.escape(path)}$",
                times=None,
            )
            plan = remediate_dry(azure, tmp_path).json()
            if [s["kind"] for s in plan["steps"]] == [s["kind"] for s in free["steps"]]:
                continue  # this read is for a later rung; the plan's steps do not rest on it
            held.append(path.rsplit("/", 1)[-1])
            assert "change" not in kinds(plan), path
            assert "AuthorizationFailed" in str(plan["steps"]), path
        assert set(held) == {
            "backupJobs",
            "backupProtectedItems",
            "locks",
            "restorePointCollections",
        }
        azure.clear_faults()
        azure.fault("error", status=403, code="AuthorizationFailed", path=re.escape(job))
        ended = remediate_dry(azure, tmp_path).check(1)
        assert "AuthorizationFailed" in ended.err


def remediate_dry(azure: SimulatorProcess, folder: Path) -> Ended:
    job = azure.failed_jobs("web")[-1]
    arguments = ("--job-id", job, "--dry-run", "--format", "json")
    return remediate(*arguments, env=environment(azure, folder))


def test_t13_a_vm_is_retried_once_however_often_it_has_failed(tmp_path: Path) -> None:
    history = [{"at": f"{n}h ago", "code": "UserErrorRpCollectionLimitReached"} for n in (50, 26)]
    vm = {"collection": FULL, "history": history, "scheduled_backup": "2h ago"}
    path = scenario(tmp_path, vm, locks=[LOCK])
    with SimulatorProcess(path, time="fast", speed=SPEED) as azure:
        jobs = azure.failed_jobs("web")
        assert len(jobs) == 3
        for job in range(len(jobs)):
            fix(azure, tmp_path, job=job).check(0)
        assert len(triggered(azure)) == 1
        assert len(sent(azure, "POST", "/backup")) == 1


def test_t14_every_page_counts(tmp_path: Path) -> None:
    """A plan from pages of one row each is the same as a plan from one page with all rows."""
    vms: list[dict[str, Any]] = [
        {"collection": FULL, "scheduled_backup": "2h ago"},
        *({"name": f"other-{n}", "scheduled_backup": "3h ago"} for n in range(3)),
    ]
    guards = [{"name": f"lock-{n}", "scope": "group:AzureBackupRG_westeurope_1"} for n in range(3)]
    plans, pages = [], 0
    for size in (200, 1):
        path = scenario(tmp_path, *vms, locks=guards, page_size=size)
        with stepped(path) as azure:
            plan = dry(azure, tmp_path, "--opt-out-tag", "keep-off")
            plans.append([(s["kind"], s["action"], s["target"]) for s in plan["steps"]])
            pages = len(sent(azure, "GET", "/locks"))
    assert pages >= 3
    assert plans[0] == plans[1]
    assert sum(kind == "change" and action == "remove-locks" for kind, action, _ in plans[1]) == 3


def test_t14_the_opt_out_on_the_last_page_counts(tmp_path: Path) -> None:
    groups: list[dict[str, Any]] = [{"name": f"rg-{n}"} for n in range(3)]
    groups.append({"name": "rg-app", "tags": {"remediate": "off"}})
    vm = {"collection": FULL, "scheduled_backup": "2h ago"}
    path = scenario(tmp_path, vm, locks=[LOCK], groups=groups, page_size=1)
    with stepped(path) as azure:
        fix(azure, tmp_path).check(4)
        assert locks(azure) == ["keep"]
        assert azure.writes() == []
