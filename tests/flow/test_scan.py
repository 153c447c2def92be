"""`remediate scan`: what failed anywhere, what can be done, and what could not be read."""

import json
import os
import re
import signal
from collections import Counter
from pathlib import Path

import pytest

from remediator.report.estate import Estate
from tests.clouds import stepped
from tests.command import environment, remediate
from tests.evidence import until
from tests.flow.estates import APPS, CODE, DATA, MAIN, estate, scanned, standings, vm
from tests.processes import start


def test_every_failed_backup_is_found_and_planned_worst_first(tmp_path: Path) -> None:
    old = {"points": {"count": 2, "newest": "9d ago"}}
    path = estate(
        tmp_path,
        vm("web", "main"),
        vm("db", "apps", collection=old, agent="not-ready"),
        vm("files", "data", history=[{"at": "3h ago", "code": "UserErrorUnSupportedDistribution"}]),
        vm(
            "well",
            "data",
            history=[{"at": "3h ago", "status": "Completed"}],
            collection={"points": {"count": 1, "newest": "3h ago"}},
        ),
    )
    with stepped(path) as azure:
        ended = scanned(azure, tmp_path).check(3)
        assert not azure.writes()
    told = Estate.model_validate_json(ended.out)
    assert [(t.vm, t.standing) for t in told.targets] == [
        ("db", "needs-consent"),
        ("web", "pending"),
        ("files", "needs-human"),
    ]
    db = told.targets[0]
    assert (db.code, db.opt_ins) == (CODE, ("--allow downtime",))
    assert db.overdue_hours is not None
    assert db.overdue_hours > 24 * 7
    assert db.next
    assert db.job
    assert f"--job-id {db.job}" in db.next
    assert told.head.failed == 3
    assert told.head.fixable == 1
    assert told.head.needs_human == 1
    assert (told.vaults, told.protected, len(told.subscriptions)) == (3, 4, 3)


def test_recovered_and_running_vms_are_named_and_need_no_plan(tmp_path: Path) -> None:
    path = estate(
        tmp_path,
        vm(
            "again",
            "main",
            history=[{"at": "9h ago", "code": CODE}, {"at": "3h ago", "status": "Completed"}],
        ),
        vm(
            "busy",
            "main",
            history=[{"at": "9h ago", "code": CODE}, {"at": "1h ago", "status": "InProgress"}],
        ),
    )
    with stepped(path) as azure:
        told = scanned(azure, tmp_path).json()
        reads = [r["path"] for r in azure.requests()]
    assert {t["vm"]: t["standing"] for t in told["targets"]}["again"] == "nothing-to-do"
    assert [job["vm"] for job in told["running"]] == ["busy"]
    assert told["head"]["recovered"] == 1
    assert not [path for path in reads if path.lower().endswith("/virtualmachines/again")]


def test_vms_without_a_failed_job_can_be_broken_too(tmp_path: Path) -> None:
    late = {"points": {"count": 1, "newest": "9d ago"}}
    path = estate(
        tmp_path,
        vm("late", "main", collection=late, history=[]),
        vm(
            "paused",
            "main",
            history=[],
            protection={"vault": "vault-main", "state": "ProtectionPaused"},
        ),
        vm(
            "stopped",
            "main",
            history=[],
            collection=late,
            protection={"vault": "vault-main", "state": "ProtectionStopped"},
        ),
        vm(
            "fine",
            "main",
            history=[{"at": "3h ago", "status": "Completed"}],
            collection={"points": {"count": 1, "newest": "3h ago"}},
        ),
    )
    with stepped(path) as azure:
        told = scanned(azure, tmp_path).check(3).json()
    texts = {t["vm"]: t["text"] for t in told["targets"]}
    assert "older than its policy promises" in texts["late"]
    assert "ProtectionPaused" in texts["paused"]
    assert "fine" not in texts
    assert "stopped" not in texts
    assert told["head"]["late_without_job"] == 2


def test_what_cannot_be_read_is_told_and_holds_up_nothing_else(tmp_path: Path) -> None:
    """A subscription that answers 403, one whose list breaks half-way, one that is slow."""
    path = estate(
        tmp_path,
        *(vm(f"{name}-{n}", name) for name in ("main", "apps", "data") for n in range(3)),
        page_size=2,
    )
    with stepped(path) as azure:
        azure.fault(
            "error",
            path=f"/subscriptions/{APPS}/resources$",
            status=403,
            code="AuthorizationFailed",
            times=None,
        )
        azure.fault(
            "error",
            path=f"/subscriptions/{DATA}/.*/backupJobs$",
            after=1,
            times=None,
            status=400,
            code="BadRequest",
        )
        azure.fault("slow", path=f"/subscriptions/{MAIN}/.*/backupJobs$", seconds=1, times=None)
        ended = scanned(azure, tmp_path).check(3)
    told = ended.json()
    assert set(standings(ended)) == {"main-0", "main-1", "main-2"}
    assert {left["where"].lower() for left in told["not_scanned"]} == {
        f"/subscriptions/{APPS}",
        (
            f"/subscriptions/{DATA}/resourcegroups/rg-backup/providers/microsoft.recoveryservices"
            "/vaults/vault-data"
        ),
    }
    assert all(left["why"] for left in told["not_scanned"])
    assert told["head"]["not_scanned"] == 2


def test_a_scan_that_finds_nothing_is_clean_only_if_all_was_read(tmp_path: Path) -> None:
    path = estate(
        tmp_path,
        vm(
            "web",
            "main",
            history=[{"at": "3h ago", "status": "Completed"}],
            collection={"points": {"count": 1, "newest": "3h ago"}},
        ),
    )
    with stepped(path) as azure:
        assert scanned(azure, tmp_path).check(0).json()["targets"] == []
        azure.fault(
            "error",
            path="/backupProtectedItems$",
            status=403,
            code="AuthorizationFailed",
            times=None,
        )
        assert len(scanned(azure, tmp_path).check(3).json()["not_scanned"]) == 3


@pytest.mark.parametrize("count", [5, 20])
def test_each_list_is_read_once_and_the_calls_grow_with_the_jobs(
    tmp_path: Path, count: int
) -> None:
    path = estate(tmp_path, *(vm(f"web-{n}", "main") for n in range(count)))
    with stepped(path) as azure:
        scanned(azure, tmp_path, "--subscription", MAIN).check(0)
        asked = Counter(re.sub(r"web-\d+|[0-9a-f-]{36}$", "X", r["path"]) for r in azure.requests())
    of_each = {path: n for path, n in asked.items() if n > 1}
    assert len(of_each) == 2, of_each  # the job in full, and the VM with its agent
    assert set(of_each.values()) == {count}
    assert len(asked) - len(of_each) <= 6


def test_a_scan_is_narrowed_by_what_it_is_asked_for(tmp_path: Path) -> None:
    other = [{"at": "3h ago", "code": "UserErrorUnSupportedDistribution"}]
    path = estate(
        tmp_path,
        vm("web", "main"),
        vm("db", "apps"),
        vm("old", "data", history=other),
        management_groups={"platform": ["main", "data"]},
    )
    asked = {
        ("--vm", "WEB"): {"web"},
        ("--vault", "vault-apps"): {"db"},
        ("-g", "RG-Apps"): {"db"},
        ("--code", "usererrorunsupporteddistribution"): {"old"},
        ("--subscription", "apps"): {"db"},
        ("--subscription", DATA): {"old"},
        ("--management-group", "platform"): {"web", "old"},
        ("--since", "2h"): set(),
    }
    with stepped(path) as azure:
        for options, expected in asked.items():
            found = scanned(azure, tmp_path, *options)
            assert set(standings(found)) == expected, options


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--subscription", "nobody's"), "no subscription that you see is called so"),
        (("--management-group", "a/b"), "is not a name"),
        (("--since", "yesterday"), "--since 'yesterday' is not a duration"),
        (("--since-scan", "absent.json"), "--since-scan absent.json"),
        (("--sign", "absent.pem", "--out-plans", "plans"), "absent.pem"),
    ],
)
def test_bad_input_is_one_line_and_reads_no_vault(
    tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    with stepped(estate(tmp_path, vm("web", "main"))) as azure:
        ended = scanned(azure, tmp_path, *options).check(64)
        assert told in ended.err
        assert ended.err.count("\n") == 1
        assert not [r for r in azure.requests() if "vaults" in r["path"].lower()]


def test_a_pipeline_gets_a_line_for_each_vm_and_the_numbers_last(tmp_path: Path) -> None:
    with stepped(estate(tmp_path, vm("web", "main"), vm("db", "apps"))) as azure:
        ended = remediate("scan", "-o", "ndjson", env=environment(azure, tmp_path)).check(0)
    *targets, last = map(json.loads, ended.out.splitlines())
    assert {target["vm"] for target in targets} == {"web", "db"}
    assert last["head"]["fixable"] == 2
    assert last["targets"] == []


def test_without_a_terminal_each_vm_is_a_line_beside_the_data(tmp_path: Path) -> None:
    with stepped(estate(tmp_path, vm("web", "main"), vm("db", "apps"))) as azure:
        ended = scanned(azure, tmp_path).check(0)
    lines = ended.err.splitlines()
    assert sorted(line.split()[1:] for line in lines) == [
        ["pending", "db", CODE],
        ["pending", "web", CODE],
    ]


def test_two_scans_are_compared(tmp_path: Path) -> None:
    first = tmp_path / "first.json"
    with stepped(estate(tmp_path, vm("web", "main"), vm("db", "apps"))) as azure:
        scanned(azure, tmp_path, "--output", str(first)).check(0)
    second = estate(tmp_path, vm("web", "main"), vm("new", "data"))
    with stepped(second) as azure:
        told = scanned(azure, tmp_path, "--since-scan", str(first)).check(0).json()
    assert {t["vm"]: t["compared"] for t in told["targets"]} == {"web": "still", "new": "new"}
    assert [gone["vm"] for gone in told["gone"]] == ["db"]


def test_what_was_not_read_now_is_not_called_gone(tmp_path: Path) -> None:
    first = tmp_path / "first.json"
    with stepped(estate(tmp_path, vm("web", "main"), vm("db", "apps"))) as azure:
        scanned(azure, tmp_path, "--output", str(first)).check(0)
        narrow = scanned(azure, tmp_path, "--subscription", MAIN, "--since-scan", str(first))
        refused = f"/subscriptions/{APPS}/resources$"
        azure.fault("error", path=refused, status=403, code="AuthorizationFailed", times=None)
        unread = scanned(azure, tmp_path, "--since-scan", str(first)).check(3)
    assert narrow.check(0).json()["gone"] == []
    assert unread.json()["gone"] == []


def test_a_vm_that_recovered_and_is_late_since_needs_a_human(tmp_path: Path) -> None:
    history = [{"at": "6d ago", "code": CODE}, {"at": "5d ago", "status": "Completed"}]
    points = {"points": {"count": 1, "newest": "5d ago"}}
    with stepped(estate(tmp_path, vm("web", "main", history=history, collection=points))) as azure:
        (told,) = scanned(azure, tmp_path, "--since", "7d").check(3).json()["targets"]
    assert told["standing"] == "needs-human"
    assert "older than its policy promises" in told["text"]
    assert told["next"].startswith("remediate check --vm /subscriptions/")
    assert told["next"].endswith(azure.url)


def test_a_report_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with stepped(estate(tmp_path, vm("web", "main"))) as azure:
        ended = scanned(azure, tmp_path, "-o", "/dev/full").check(1)
    assert "cannot be shown" in ended.err


def test_ctrl_c_gives_the_report_of_what_is_known_so_far(tmp_path: Path) -> None:
    path = estate(tmp_path, vm("web", "main"), vm("db", "apps"))
    with stepped(path) as azure:
        slow = f"/subscriptions/{APPS}/.*/backupJobs$"
        azure.fault("slow", path=slow, seconds=60, times=None)
        output = tmp_path / "scan.json"
        env = environment(azure, tmp_path)
        arguments = ["scan", "-o", str(output), "-o", "ndjson"]
        known = tmp_path / "known.ndjson"
        with (
            Path(os.devnull).open() as nothing,
            known.open("wb") as out,
            (tmp_path / "err.txt").open("wb") as err,
        ):
            process = start("remediator", arguments, (nothing, out, err), env, None)
            until(lambda: b"web" in known.read_bytes(), "the first VM is known")
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130
    told = Estate.model_validate_json(output.read_bytes())
    assert told.interrupted
    assert [target.vm for target in told.targets] == ["web"]
    assert any("interrupted" in left.why for left in told.not_scanned)


def test_the_text_begins_with_the_numbers(tmp_path: Path) -> None:
    with stepped(estate(tmp_path, vm("web", "main"), vm("db", "apps"))) as azure:
        ended = remediate("scan", env=environment(azure, tmp_path)).check(0)
        details = remediate("scan", "--details", env=environment(azure, tmp_path)).check(0)
        (job,) = azure.failed_jobs("web")
    assert ended.out.startswith("2 failed: 2 will be fixed\n")
    assert CODE in ended.out
    assert "web" in ended.out
    assert job in details.out
