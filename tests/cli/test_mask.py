"""`--mask`: no name of a scenario is left in any form of any verb. What is done is the same."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator

from remediator.plan.plan import read_plan
from remediator.simulator.process import SimulatorProcess
from tests.clouds import fast, stepped
from tests.command import Ended, environment, remediate
from tests.cut_short import cloud, hold, put_back_books, unanswered
from tests.evidence import running, until
from tests.views.form_files import Files, written

SUBSCRIPTION: Final = "9a8b7c6d-1111-4222-8333-444455556666"
LOCK: Final = 'jane\'s "lock"; $(id)'
NAMES: Final = (
    *("prod-sql-7", "zebra", "zebra-2", "otter", "rg-crown", "rg-jewels", "vault-falcon"),
    *("jane", "contoso", "10.11.12.13", SUBSCRIPTION),
)
ORDINARY: Final = ("vm", "backup")
GUID: Final = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PUBLIC: Final = "262044b1-e2ce-469f-a196-69ab7ada62d3"
"""Azure Backup's own application. It is the same for every customer."""

AGENT: Final = "UserErrorGuestAgentStatusUnavailable"
GROUP: Final = "AzureBackupRG_westeurope_1"


def vm(name: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "group": "rg-crown",
        "protection": {"vault": "vault-falcon"},
        "collection": {"points": {"count": 2, "newest": "30h ago"}},
        "history": [{"at": "3h ago", "code": AGENT, "message": "jane@contoso.example 10.11.12.13"}],
    } | more


def scenario(folder: Path) -> Path:
    full = {"group": GROUP, "points": {"count": 18, "every": "1d", "newest": "1d ago"}}
    unsupported = [{"at": "3h ago", "code": "UserErrorUnSupportedDistribution"}]
    vms = [
        vm("prod-sql-7", collection=full, history=[], scheduled_backup="3h ago"),
        vm("zebra", agent="not-ready"),
        vm("zebra-2", agent="not-ready"),
        vm("otter", history=unsupported),
        vm("vm"),
        vm("backup"),
    ]
    notes = "ask jane@contoso.example at 10.11.12.13"
    told = {
        "subscriptions": {"main": SUBSCRIPTION},
        "vaults": [{"name": "vault-falcon", "group": "rg-jewels"}],
        "vms": vms,
        "locks": [{"name": LOCK, "scope": f"group:{GROUP}", "notes": notes}],
    }
    path = folder / "scenario.yaml"
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def check_clean(text: str) -> None:
    """No name and no id of the scenario is in a text, and its sentences are whole."""
    low = text.lower()
    assert [name for name in NAMES if name.lower() in low] == []
    assert set(map(str.lower, GUID.findall(text))) <= {PUBLIC}
    for name in ORDINARY:
        assert not re.search(rf"(?:virtualmachines/|;|--name ){name}(?![\w-])", low)
    assert "a vm-" not in low
    assert "azure vm-" not in low


def check_files(files: Files, schema: str) -> None:
    for ending in ("md", "xml", "sarif", "csv", "json"):
        check_clean(files.text(ending))
    validator = Draft202012Validator(schema_of(schema))
    assert list(validator.iter_errors(json.loads(files.text("json")))) == []


def schema_of(what: str) -> dict[str, Any]:
    return remediate("schema", what, env={}).json()


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with stepped(scenario(tmp_path_factory.mktemp("estate"))) as process:
        yield process


def shown(azure: SimulatorProcess, folder: Path, *arguments: str) -> Ended:
    """A command's output in text. stderr is judged too."""
    ended = remediate(*arguments, "--mask", env=environment(azure, folder))
    assert "Traceback" not in ended.err
    assert ended.out
    check_clean(ended.out)
    check_clean(ended.err)
    return ended


def test_a_scan_is_masked_in_every_form(azure: SimulatorProcess, tmp_path: Path) -> None:
    ended, files = written(tmp_path / "out", environment(azure, tmp_path), "scan", "--mask")
    assert ended.code == 3
    check_clean(ended.err)
    check_files(files, "scan")
    told = json.loads(files.text("json"))
    assert {target["vm"] for target in told["targets"]} == {f"vm-{n}" for n in range(1, 7)}
    assert AGENT in files.text("md")
    for form in (["--details"], ["-o", "ndjson"], []):
        shown(azure, tmp_path, "scan", *form)


def test_the_same_thing_has_the_same_pseudonym_in_all_forms_of_a_command(
    azure: SimulatorProcess, tmp_path: Path
) -> None:
    _ended, files = written(tmp_path / "out", environment(azure, tmp_path), "scan", "--mask")
    told = json.loads(files.text("json"))
    rows = {row["job"]: row["vm"] for row in files.rows() if row["vm"]}
    assert rows == {target["job"]: target["vm"] for target in told["targets"]}
    for target in told["targets"]:
        assert target["vm_id"].endswith(f"/virtualMachines/{target['vm']}")
        assert target["vault"].endswith("/vaults/vault-1")
        assert f"### {target['vm']}\n" in files.text("md").replace("\\", "")


def test_dry_runs_and_checks_are_masked(azure: SimulatorProcess, tmp_path: Path) -> None:
    jobs = [azure.failed_jobs(name)[-1] for name in ("zebra", "otter", "vm", "backup")]
    ended, files = written(
        tmp_path / "out", environment(azure, tmp_path), "run", *jobs, "--dry-run", "--mask"
    )
    check_clean(ended.err)
    check_files(files, "batch")
    shown(azure, tmp_path, "run", *jobs, "--dry-run")
    for job in jobs:
        shown(azure, tmp_path, "plan", job)
    check = shown(azure, tmp_path, "check", "--vm", "zebra", "-o", "json")
    assert list(Draft202012Validator(schema_of("check")).iter_errors(check.json())) == []
    shown(azure, tmp_path, "check", "--vm", "backup")
    assert azure.writes() == []


def test_errors_are_masked(azure: SimulatorProcess, tmp_path: Path) -> None:
    job = azure.failed_jobs("zebra")[-1]
    ended = remediate("plan", job[:-4] + "0000", "--mask", env=environment(azure, tmp_path))
    assert ended.code
    check_clean(ended.err)


@pytest.mark.parametrize(
    "options",
    [
        ("check", "--vm", "otter-gone"),
        ("doctor", "--job-id", "prod-sql-7"),
        ("scan", "--subscription", "Contoso Crown"),
        ("scan", "--since-scan", "contoso.json"),
        ("scan", "--management-group", "contoso"),
        ("report", "contoso.json"),
        ("report", "contoso jane/x.json"),
        ("apply", "of contoso/x.json"),
        ("run", "@contoso.txt"),
        ("run", '{"name": "x", "properties": {"entityFriendlyName": "zebra"}}'),
        ("runs", "list", "--state", "contoso/state"),
        ("scan", "-o", "contoso/x.md"),
    ],
)
def test_an_error_does_not_tell_the_names_that_were_typed(
    options: tuple[str, ...], azure: SimulatorProcess, tmp_path: Path
) -> None:
    ended = remediate(*options, "--mask", env=environment(azure, tmp_path), cwd=tmp_path)
    assert ended.code in (1, 4, 64)
    assert ended.err.startswith("remediate: ")
    assert "Traceback" not in ended.err
    check_clean(ended.out + ended.err)


def test_where_plans_are_saved_is_masked(azure: SimulatorProcess, tmp_path: Path) -> None:
    folder = tmp_path / "plans of contoso"
    ended = shown(azure, tmp_path, "scan", "--out-plans", str(folder))
    assert "remediate apply file-1/*.json" in ended.err
    assert list(folder.glob("prod-sql-7-*.json"))
    job = azure.failed_jobs("zebra")[-1]
    options = ("plan", job, "--out", "plan", "--mask")
    named = remediate(*options, env=environment(azure, tmp_path), cwd=tmp_path)
    assert "the plan is saved in file-1" in named.err


def test_a_run_that_was_cut_short_is_masked_where_nobody_can_be_asked(tmp_path: Path) -> None:
    with cloud(scenario(tmp_path)) as azure:
        hold(azure, method="POST", path="/backup$")
        job = azure.failed_jobs("prod-sql-7")[-1]
        books = put_back_books(tmp_path)
        with running(azure, tmp_path, "run", job, "--yes", *books) as tool:
            until(lambda: unanswered(azure), "the backup is asked for")
            tool.process.kill()
            tool.process.wait()
        azure.clear_faults()
        left = remediate("resume", "--mask", env=environment(azure, tmp_path)).check(4)
        assert "no terminal" in left.err
        assert "/virtualMachines/vm-1" in left.err
        check_clean(left.err)
        other = shown(azure, tmp_path, "run", azure.failed_jobs("otter")[-1])
        assert "A LOCK IS OFF THAT SHOULD BE ON: lock lock-1 (CanNotDelete) on /" in other.err


def test_a_saved_plan_keeps_its_names_and_can_be_applied(tmp_path: Path) -> None:
    with fast(scenario(tmp_path)) as azure:
        env = environment(azure, tmp_path)
        job = azure.failed_jobs("prod-sql-7")[-1]
        file = tmp_path / "prod-sql-7.json"
        planned = shown(azure, tmp_path, "plan", job, "--out", str(file))
        assert "remediate apply" in planned.out
        saved = read_plan(file)
        assert saved.job.vm_name == "prod-sql-7"
        shown(azure, tmp_path, "show", str(file))
        _ended, files = written(tmp_path / "show", env, "show", str(file), "--mask")
        check_files(files, "plan")
        assert azure.writes() == []

        ended, files = written(tmp_path / "out", env, "apply", str(file), "--yes", "--mask")
        ended.check(0)
        check_clean(ended.err)
        check_files(files, "report")
        report = json.loads(files.text("json"))
        assert report["verdict"]["ending"] == "recovered"
        sent = [each["path"] for each in azure.writes()]
        assert sent == [path for path in sent if SUBSCRIPTION in path]
        assert len(sent) == len([s for s in saved.steps if s.kind == "change"])

        shown(azure, tmp_path, "runs", "show", report["run_id"])
        shown(azure, tmp_path, "runs", "show", report["run_id"], "-o", "json")
        for form in ("text", "json", "tsv"):
            shown(azure, tmp_path, "runs", "list", "-o", form)


def test_a_run_in_text_is_masked_and_does_what_it_does_without(tmp_path: Path) -> None:
    done = {}
    ended = Ended(1, "", "")
    for mask in ("", "--mask"):
        folder = tmp_path / f"run{mask}"
        folder.mkdir()
        with fast(scenario(folder)) as azure:
            job = azure.failed_jobs("prod-sql-7")[-1]
            options = ("run", job, "--yes", *filter(None, [mask]))
            ended = remediate(*options, env=environment(azure, folder)).check(0)
            done[mask] = [(each["method"], each["path"]) for each in azure.writes()]
    assert done[""] == done["--mask"]
    assert "RECOVERED  vm-1" in ended.out
    check_clean(ended.out)
    check_clean(ended.err)
