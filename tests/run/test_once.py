"""Once, when asked, and only while things are as they were shown.

The trigger, stale and altered plans, and consent; judged by the server's log and exit codes.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from remediator.errors import PlanFileError
from remediator.json_text import json_text
from remediator.plan.plan import parse_plan, read_plan, sealed
from remediator.proving.by_hand import back_up_by_hand, call
from remediator.simulator.process import SimulatorProcess
from tests.command import SPEED, Ended, environment, remediate
from tests.cut_short import put_back_books
from tests.evidence import FULL, fix, locks, scenario, sent, triggered, until
from tests.terminal import Terminal

LOCKS = "api-version=2020-05-01"


def stepped(scenario: str | Path = "limit-reached") -> SimulatorProcess:
    """A cloud whose clock stands still: nothing happens by itself."""
    return SimulatorProcess(scenario, time="stepped")


def planned(azure: SimulatorProcess, folder: Path, *options: str, vm: str = "web") -> Path:
    """A plan with changes, saved; the log is empty afterwards."""
    path = folder / "plan.json"
    job = azure.failed_jobs(vm)[-1]
    env = environment(azure, folder)
    remediate("plan", "--job-id", job, "--out", str(path), *options, env=env).check(0)
    assert json.loads(path.read_text("utf-8"))["summary"]["has_changes"]
    azure.clear_log()
    return path


def applied(azure: SimulatorProcess, folder: Path, path: Path, *options: str) -> Ended:
    return remediate("apply", str(path), *options, env=environment(azure, folder))


def by_tool(azure: SimulatorProcess) -> list[dict[str, Any]]:
    """The writes that the tool sent, by its user agent."""
    return [w for w in azure.writes() if "remediate/" in str(w["headers"].get("user-agent"))]


def refused(
    azure: SimulatorProcess, folder: Path, path: Path, *says: str, options: tuple[str, ...] = ()
) -> None:
    """The plan is refused in one line, and nothing is written."""
    ended = applied(azure, folder, path, "--yes", *options).check(4)
    (line,) = ended.err.splitlines()
    for text in says:
        assert text in line
    assert by_tool(azure) == []
    assert not (folder / "runs").exists() or all(
        not file.read_text("utf-8") for file in (folder / "runs").iterdir()
    )


# --- the trigger --------------------------------------------------------------------------------


def test_the_tool_is_told_apart_from_others(tmp_path: Path) -> None:
    """What the other tests count must be there to be counted."""
    with SimulatorProcess("limit-reached", time="fast", speed=SPEED) as azure:
        fix(azure, tmp_path).check(0)
        assert [w["method"] for w in by_tool(azure)] == ["DELETE", "POST"]
        assert by_tool(azure) == azure.writes()
        assert len(triggered(azure)) == 1


def test_no_backup_is_triggered_while_another_runs(tmp_path: Path) -> None:
    with stepped() as azure:
        path = planned(azure, tmp_path)
        item = next(i for i in azure.state()["items"] if i["vm"] == "web")
        body = {"properties": {"objectType": "IaasVMBackupRequest"}}
        call(azure, "POST", f"{item['id']}/backup?api-version=2024-10-01", body)
        assert azure.state()["jobs"]["web"][-1]["status"] == "InProgress"
        refused(azure, tmp_path, path, "stale", "back-up-now", "held")
        assert len(triggered(azure)) == 1


def test_no_lock_goes_while_another_backup_runs(tmp_path: Path) -> None:
    """The same without a saved plan: the backup would be held, so nothing else is done either."""
    with stepped() as azure:
        job = azure.failed_jobs("web")[-1]
        item = next(i for i in azure.state()["items"] if i["vm"] == "web")
        body = {"properties": {"objectType": "IaasVMBackupRequest"}}
        call(azure, "POST", f"{item['id']}/backup?api-version=2024-10-01", body)
        azure.clear_log()
        env = environment(azure, tmp_path)
        ended = remediate("--job-id", job, "--yes", "--format", "json", env=env).check(3)
        assert azure.writes() == []
        assert locks(azure) == ["keep"]
        assert "is still running" in ended.out


def test_no_lock_goes_for_a_backup_that_a_lock_on_the_vault_forbids(tmp_path: Path) -> None:
    theirs = {"name": "theirs", "scope": "vault:vault-main", "level": "ReadOnly"}
    ours = {"name": "keep", "scope": "group:AzureBackupRG_westeurope_1"}
    vm = {"collection": FULL, "scheduled_backup": "1h ago"}
    with stepped(scenario(tmp_path, vm, locks=[ours, theirs])) as azure:
        ended = fix(azure, tmp_path).check(3)
        assert azure.writes() == []
        assert "ReadOnly lock theirs on" in " ".join(ended.out.split())


NINE = [f"2026-03-02T{hour:02}:10:00Z" for hour in range(1, 10)]


def test_a_day_has_nine_backups(tmp_path: Path) -> None:
    vm = {"collection": FULL, "on_demand_backup": NINE, "scheduled_backup": "1h ago"}
    lock = {"name": "keep", "scope": "group:AzureBackupRG_westeurope_1"}
    path = scenario(tmp_path, vm, locks=[lock], clock="2026-03-02T20:00:00Z")
    with stepped(path) as azure:
        assert len(triggered(azure)) == 9
        ended = fix(azure, tmp_path, "--format", "json").check(3)
        assert azure.writes() == []
        assert "9 on-demand backups were made on 2026-03-02" in ended.out
        azure.advance(5 * 3600)
        # Another day, another nine.
        env = environment(azure, tmp_path)
        job = azure.failed_jobs("web")[-1]
        options = ["--out", str(tmp_path / "p"), "--attempts", "9"]
        remediate("plan", "--job-id", job, *options, env=env).check(0)
        assert read_plan(tmp_path / "p").summary.has_changes


def test_the_day_is_the_one_in_which_the_plan_is_applied(tmp_path: Path) -> None:
    vm = {"collection": FULL, "scheduled_backup": "1h ago"}
    lock = {"name": "keep", "scope": "group:AzureBackupRG_westeurope_1"}
    path = scenario(tmp_path, vm, locks=[lock], clock="2026-03-02T23:30:00Z")
    with stepped(path) as azure:
        many = ("--attempts", "9")
        plan = planned(azure, tmp_path, *many)
        azure.advance(3600)
        for _ in range(9):
            assert back_up_by_hand(azure, "web") == "UserErrorRpCollectionLimitReached"
        assert all(j["started"].startswith("2026-03-03") for j in triggered(azure))
        refused(azure, tmp_path, plan, "stale", options=many)
        assert len(triggered(azure)) == 9


def test_a_newer_success_leaves_nothing_to_do(tmp_path: Path) -> None:
    with stepped() as azure:
        plan = planned(azure, tmp_path)
        (lock,) = (row["id"] for row in azure.state()["locks"])
        call(azure, "DELETE", f"{lock}?{LOCKS}")
        assert back_up_by_hand(azure, "web") is None
        azure.clear_log()
        ended = fix(azure, tmp_path).check(0)
        assert "already recovered" in ended.out
        assert azure.writes() == []
        refused(azure, tmp_path, plan, "stale")


# --- stale plans --------------------------------------------------------------------------------


def lock_off(azure: SimulatorProcess) -> None:
    (lock,) = (row["id"] for row in azure.state()["locks"])
    call(azure, "DELETE", f"{lock}?{LOCKS}")


def lock_changed(azure: SimulatorProcess) -> None:
    (lock,) = (row["id"] for row in azure.state()["locks"])
    call(azure, "PUT", f"{lock}?{LOCKS}", {"properties": {"level": "ReadOnly", "notes": "Mine"}})


def lock_added(azure: SimulatorProcess) -> None:
    (lock,) = (row["id"] for row in azure.state()["locks"])
    second = lock.rsplit("/", 1)[0] + "/second"
    call(azure, "PUT", f"{second}?{LOCKS}", {"properties": {"level": "CanNotDelete"}})


def lock_above(azure: SimulatorProcess) -> None:
    (lock,) = (row["id"] for row in azure.state()["locks"])
    above = f"/subscriptions/{lock.split('/')[2]}/providers/Microsoft.Authorization/locks/all"
    call(azure, "PUT", f"{above}?{LOCKS}", {"properties": {"level": "CanNotDelete"}})


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lock_off, "locks/keep"),
        (lock_changed, "locks/keep"),
        (lock_added, "locks/second"),
        (lock_above, "locks/keep"),
    ],
)
def test_a_plan_is_stale_when_locks_differ(change: Any, named: str, tmp_path: Path) -> None:
    with stepped() as azure:
        path = planned(azure, tmp_path)
        change(azure)
        before = locks(azure)
        refused(azure, tmp_path, path, "stale", named, "make a new plan")
        assert locks(azure) == before


def test_a_plan_is_stale_when_the_vm_was_restarted(tmp_path: Path) -> None:
    with stepped("agent-unavailable") as azure:
        path = planned(azure, tmp_path, "--allow", "downtime")
        vm = next(vm["id"] for vm in azure.state()["vms"] if vm["name"] == "web")
        call(azure, "POST", f"{vm}/restart?api-version=2024-11-01")
        azure.advance(600)
        options = ("--allow", "downtime")
        refused(azure, tmp_path, path, "stale", "virtualMachines/web", options=options)


def test_a_plan_is_stale_when_a_point_is_gone(tmp_path: Path) -> None:
    with stepped("limit-reached-slow-cleanup") as azure:
        path = tmp_path / "plan.json"
        env = environment(azure, tmp_path)
        job = azure.failed_jobs("web")[0]
        options = ["--out", str(path), "--allow", "destructive"]
        remediate("plan", "--job-id", job, *options, env=env).check(0)
        collection = azure.state()["collections"][0]
        oldest = json.loads(path.read_text("utf-8"))["steps"][0]["target"]
        assert oldest.lower().startswith(collection["id"].lower())
        call(azure, "DELETE", f"{oldest}?api-version=2024-11-01")
        azure.advance(600)
        options = ["--allow", "destructive"]
        refused(azure, tmp_path, path, "stale", "restorePoints/", options=tuple(options))


# --- altered, old and foreign plans -------------------------------------------------------------


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SimulatorProcess, Path]]:
    """A cloud that nothing changes, and a plan for it."""
    folder = tmp_path_factory.mktemp("saved")
    with stepped() as azure:
        yield azure, planned(azure, folder)


Saved = tuple[SimulatorProcess, Path]


def leaves(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of every value in a JSON document."""
    rows = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in rows:
        if isinstance(value, dict | list) and value:
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key)


def other(value: Any) -> Any:
    """Another value of the same kind."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return value[:-2] + ("0Z" if value[-2:] != "0Z" else "1Z")
        case _:
            return "x"


def test_every_value_of_a_plan_is_under_its_seal(saved: Saved) -> None:
    text = saved[1].read_text("utf-8")
    parse_plan(text, "the plan as it is")
    paths = list(leaves(json.loads(text)))
    assert len(paths) > 60
    for path in paths:
        document = json.loads(text)
        node = document
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = other(node[path[-1]])
        with pytest.raises(PlanFileError):
            parse_plan(json.dumps(document), str(path))


def test_a_plan_cannot_lose_a_value(saved: Saved) -> None:
    text = saved[1].read_text("utf-8")
    document = json.loads(text)
    for path in leaves(document):
        cut = json.loads(text)
        node = cut
        for key in path[:-1]:
            node = node[key]
        del node[path[-1]]
        try:
            left = parse_plan(json.dumps(cut), str(path))
        except PlanFileError:
            continue
        # Left out and said to be nothing are the same.
        assert left == parse_plan(text, "the plan as it is")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("locks/keep", "locks/kept"),
        ('"reversible"', '"read-only"'),
        ("AzureBackupRG_westeurope_1", "AzureBackupRG_westeurope_2"),
        ('"data_loss": false', '"data_loss": true'),
        ("plan-", "plan-0"),
    ],
)
def test_an_edited_plan_is_refused(old: str, new: str, saved: Saved, tmp_path: Path) -> None:
    azure, plan = saved
    text = plan.read_text("utf-8")
    assert old in text
    edited = tmp_path / "plan.json"
    edited.write_text(text.replace(old, new, 1), encoding="utf-8")
    refused(azure, tmp_path, edited, "plan.json")


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"schema_version": "2"}'])
def test_what_is_not_a_plan_is_refused(content: bytes, saved: Saved, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    refused(saved[0], tmp_path, path, "plan.json")


def test_a_remedy_under_the_name_of_another_playbook_is_refused(tmp_path: Path) -> None:
    """Whoever alters a plan can compute its id anew; its remedy must be its playbook's."""
    with stepped() as azure:
        theirs = read_plan(planned(azure, tmp_path))
        mine = read_plan(planned(azure, tmp_path, *put_back_books(tmp_path)))
        assert mine.recipe != theirs.recipe
        for ladder in (theirs.ladder, None):
            parts = {name: getattr(mine, name) for name in type(mine).model_fields}
            for computed in ("schema_version", "plan_id", "tool_version", "summary", "signature"):
                del parts[computed]
            forged = sealed(**(parts | {"playbook": theirs.playbook, "ladder": ladder}))
            path = tmp_path / "forged.json"
            path.write_text(json_text(forged), encoding="utf-8")
            refused(azure, tmp_path, path, "nothing was changed")


def test_an_old_plan_is_refused(saved: Saved, tmp_path: Path) -> None:
    azure, path = saved
    plan = read_plan(path)
    parts = {name: getattr(plan, name) for name in type(plan).model_fields}
    for computed in ("schema_version", "plan_id", "tool_version", "summary"):
        del parts[computed]
    yesterday = datetime.now(UTC) - timedelta(hours=25)
    old = tmp_path / "old.json"
    times = {"created": yesterday, "expires": yesterday + timedelta(hours=24)}
    old.write_text(json_text(sealed(**(parts | times))), encoding="utf-8")
    refused(azure, tmp_path, old, "expired")
    assert azure.requests() == []


def test_a_plan_is_too_old_by_the_clock_of_azure(tmp_path: Path) -> None:
    """The machine's own clock may be days behind: by that one this plan is minutes old."""
    with stepped() as azure:
        plan = planned(azure, tmp_path)
        azure.advance(25 * 3600)
        ended = applied(azure, tmp_path, plan, "--yes").check(4)
        assert "by Azure's clock it was made at" in " ".join(ended.out.split())
        assert by_tool(azure) == []


def test_a_plan_of_another_endpoint_is_refused(saved: Saved, tmp_path: Path) -> None:
    with stepped() as elsewhere:
        refused(elsewhere, tmp_path, saved[1], saved[0].url, elsewhere.url)
        assert elsewhere.requests() == []


# --- consent ------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [["--format", "text"], ["--format", "json"], ["--dry-run"]])
def test_without_a_terminal_nobody_is_asked_and_nothing_is_done(
    how: list[str], saved: Saved, tmp_path: Path
) -> None:
    azure, _ = saved
    azure.clear_log()
    job = azure.failed_jobs("web")[-1]
    env = environment(azure, tmp_path)
    ended = remediate("--job-id", job, *how, env=env, stdin="y\n" * 9)
    ended.check(0 if "--dry-run" in how else 4)
    assert azure.writes() == []
    assert "[y/N]" not in ended.out + ended.err
    assert not (tmp_path / "runs").exists()


def test_a_saved_plan_without_a_terminal_needs_yes(saved: Saved, tmp_path: Path) -> None:
    azure, path = saved
    ended = applied(azure, tmp_path, path).check(4)
    assert "no --yes" in ended.err
    assert by_tool(azure) == []


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        (b"n\n", 4),
        (b"\n", 4),
        (b"\x04", 4),
        (b"yess\n", 4),
        (b"\xff\xfe y\n", 4),
        (b"oui y\n", 4),
        (b"\x03", 130),
    ],
    ids=["no", "nothing", "end of input", "almost", "not text", "garbage", "ctrl-c"],
)
def test_on_a_terminal_all_but_yes_is_no(
    keys: bytes, code: int, saved: Saved, tmp_path: Path
) -> None:
    azure, _ = saved
    azure.clear_log()
    with Terminal(azure, tmp_path, "--job-id", azure.failed_jobs("web")[-1]) as terminal:
        until(terminal.asked, "the question")
        terminal.type(keys)
        assert terminal.end() == code
        assert "Traceback" not in terminal.said
    assert azure.writes() == []
    assert not (tmp_path / "runs").exists()


def test_on_a_terminal_a_saved_plan_is_asked_about_too(saved: Saved, tmp_path: Path) -> None:
    azure, path = saved
    azure.clear_log()
    with Terminal(azure, tmp_path, "apply", str(path)) as terminal:
        until(terminal.asked, "the question")
        terminal.type(b"n\n")
        assert terminal.end() == 4
    assert azure.writes() == []


def test_on_a_terminal_a_dry_run_does_not_ask(saved: Saved, tmp_path: Path) -> None:
    azure, _ = saved
    azure.clear_log()
    job = azure.failed_jobs("web")[-1]
    with Terminal(azure, tmp_path, "--job-id", job, "--dry-run") as terminal:
        assert terminal.end() == 0
        assert "[y/N]" not in terminal.said
    assert azure.writes() == []


def test_on_a_terminal_what_was_typed_before_the_question_is_no_answer(
    saved: Saved, tmp_path: Path
) -> None:
    azure, _ = saved
    with Terminal(azure, tmp_path, "--job-id", azure.failed_jobs("web")[-1]) as terminal:
        terminal.type(b"y\n")
        until(terminal.asked, "the question")
        terminal.type(b"n\n")
        assert terminal.end() == 4
    assert azure.writes() == []


def test_on_a_terminal_yes_is_yes(tmp_path: Path) -> None:
    with SimulatorProcess("limit-reached", time="fast", speed=SPEED) as azure:
        with Terminal(azure, tmp_path, "--job-id", azure.failed_jobs("web")[-1]) as terminal:
            until(terminal.asked, "the question")
            assert azure.writes() == []
            terminal.type(b"y\n")
            assert terminal.end() == 0
        assert len(sent(azure, "POST", "/backup")) == 1
        assert locks(azure) == []
