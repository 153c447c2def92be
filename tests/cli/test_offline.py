"""The commands that ask nobody: explain, playbooks, actions. No Azure, no network, no account."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from remediator.actions import discovered
from remediator.change.operations import SHAPES
from remediator.change.step import Impact
from remediator.playbook.abilities import abilities
from remediator.playbook.catalogue import read_catalogue
from tests.command import Ended, remediate
from tests.places import PLAYBOOKS, ROOT

LIMIT = "UserErrorRpCollectionLimitReached"
ENV = {k: v for k, v in os.environ.items() if not k.startswith(("AZURE_", "REMEDIATE_"))}

PLAYBOOK = """\
codes: [{code}]
title: The disk fell off
sources: [https://example.invalid/a]
causes: [Somebody pulled it]
messages:
  {code}:
    en: The disk of the VM fell off
ladder:
  - rung: back-up
    title: Back up; the disk is back
    when: {{tries: [none, one]}}
    steps: [{{action: back-up-now}}]
manual: {{text: Put it back., commands: ["az vm show --ids {{vm}}"]}}
"""
CASES = """\
playbook: Fallen
cases:
  - name: it is backed up
    scenario:
      vaults: [{{name: vault-main}}]
      vms:
        - name: web
          protection: {{vault: vault-main}}
          collection: {{points: {{count: 2, newest: 1d ago}}}}
          history: [{{at: 3h ago, code: Fallen}}]
    expect: {{rung: back-up, steps: [change back-up-now], writes: [{writes}], exit: 0,
             verdict: recovered}}
"""


def offline(*arguments: str, stdin: str = "") -> Ended:
    return remediate(*arguments, env=ENV, stdin=stdin)


def explained(*words: str, code: int = 0, stdin: str = "") -> dict[str, Any]:
    return offline("explain", "--format", "json", *words, stdin=stdin).check(code).json()


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "fallen.yaml").write_text(PLAYBOOK.format(code="Fallen"), encoding="utf-8")
    return folder


@pytest.mark.parametrize("word", [LIMIT, LIMIT.lower(), f" {LIMIT}\n"])
def test_a_code_is_explained_in_any_casing(word: str) -> None:
    [found] = explained(word)["found"]
    assert (found["code"], found["by"]) == (LIMIT, "code")
    source = YAML(typ="safe").load((PLAYBOOKS / f"{LIMIT}.yaml").read_text("utf-8"))
    told = found["playbook"]
    assert told["title"] == source["title"]
    assert told["causes"] == source["causes"]
    assert told["sources"] == source["sources"]
    assert [r["rung"] for r in told["ladder"]] == [r["rung"] for r in source["ladder"]]
    assert [r["title"] for r in told["ladder"]] == [r["title"] for r in source["ladder"]]
    deletes = next(r for r in told["ladder"] if "delete-restore-points" in r["actions"])
    assert deletes["opt_ins"] == ["destructive"]
    assert (
        "Microsoft.Compute/restorePointCollections/restorePoints/delete" in deletes["permissions"]
    )


@pytest.mark.parametrize(
    ("text", "code", "by"),
    [
        ("The VM is in failed provisioning state.", "UserErrorVmProvisioningStateFailed", "text"),
        ("错误：VM 处于预配失败状态", "UserErrorVmProvisioningStateFailed", "text"),
        ("VM 處於失敗的佈建狀態", "UserErrorVmProvisioningStateFailed", "text"),
        (f"It ended with {LIMIT}, see the log.", LIMIT, "mentioned"),
        (json.dumps({"error": {"code": LIMIT, "message": "?"}}), LIMIT, "inner"),
        ("320001", "ResourceNotFound", "code"),
        ("400160", "UserErrorVmProvisioningStateFailed", "code"),
        ("ErrorCode: 400160", "UserErrorVmProvisioningStateFailed", "mentioned"),
    ],
)
def test_a_text_and_a_number_are_explained(text: str, code: str, by: str) -> None:
    for told in (explained(text), explained("-", stdin=text), explained(*text.split())):
        [found] = told["found"]
        assert (found["code"], found["by"]) == (code, by)


def test_the_text_form_says_all_that_a_person_needs() -> None:
    out = " ".join(offline("explain", LIMIT).check(0).out.split())
    playbook = read_catalogue().find(LIMIT)
    assert playbook
    for said in (LIMIT, playbook.title, *playbook.causes, *(r.title for r in playbook.ladder)):
        assert said in out
    for said in ("--allow destructive", "backup_lock: none", "remove-locks", *playbook.sources):
        assert said.replace(" ", "") in out.replace(" ", "")


def test_what_is_not_known_ends_with_3_and_the_nearest_codes() -> None:
    told = explained("UserErrorRpColectionLimitReach", code=3)
    assert told["found"] == []
    assert told["nearest"][0] == LIMIT
    assert LIMIT in offline("explain", "UserErrorRpColectionLimitReach").check(3).out
    assert explained("entirely", "unheard", "of", code=3)["nearest"] == []


def test_all_candidates_of_an_ambiguous_text_are_told(mine: Path) -> None:
    text = "The disk of the VM fell off. The VM is in failed provisioning state."
    told = explained(text, "--playbooks", str(mine))
    assert {one["code"] for one in told["found"]} == {
        "Fallen",
        "UserErrorVmProvisioningStateFailed",
    }
    assert "--error-code" in offline("explain", text, "--playbooks", str(mine)).check(0).out


@pytest.mark.parametrize("words", [[""], ["  "], ["-"]])
def test_nothing_to_explain_is_said_in_one_line(words: list[str]) -> None:
    ended = offline("explain", *words).check(64)
    assert ended.out == ""
    assert ended.err.count("\n") == 1


def test_explaining_reads_no_playbook_and_imports_no_azure() -> None:
    """That is why it is fast: one index file, no model, no SDK.

    Another test proves that the index fits the playbooks.
    """
    script = (
        "import sys; from remediator.cli import call; call(['explain', sys.argv[1]]);"
        "print(*sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "The VM is in failed provisioning state"],
        env=ENV, capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert "UserErrorVmProvisioningStateFailed" in done.stdout
    imported = set(done.stderr.split())
    # pydantic is not in this set: Typer imports it.
    heavy = {
        "azure",
        "aiohttp",
        "jinja2",
        "ruamel.yaml",
        "remediator.playbook.playbook",
        "remediator.actions",
        "dbos",
    }
    assert heavy & imported == set()


# --- playbooks, actions --------------------------------------------------------------------------


def test_the_playbooks_are_listed_with_how_far_they_get(mine: Path) -> None:
    listed = offline("playbooks", "list", "--format", "json", "--playbooks", str(mine)).check(0)
    told = {row["codes"][0]: row for row in listed.json()["playbooks"]}
    assert set(told) == {p.name for p in read_catalogue().playbooks} | {"Fallen"}
    assert told[LIMIT]["class"] == "A"
    assert told["Fallen"]["origin"].endswith("fallen.yaml")
    assert {row["class"] for row in told.values()} <= {"A", "B", "A+B", "C"}
    assert all((row["class"] == "C") == (not row["impacts"]) for row in told.values())
    shown = offline("playbooks", "list").check(0).out
    assert all(code[:10] in shown for code in told if code != "Fallen")


def test_a_playbook_is_shown_as_its_file_holds_it(tmp_path: Path) -> None:
    path = PLAYBOOKS / f"{LIMIT}.yaml"
    assert offline("playbooks", "show", LIMIT.upper()).check(0).out == path.read_text("utf-8")
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "mine.yaml").write_text(offline("playbooks", "show", LIMIT).out, encoding="utf-8")
    offline("playbooks", "validate", str(copy)).check(0)
    ended = offline("playbooks", "show", "Unheard").check(64)
    assert ended.err.count("\n") == 1


def test_validate_tells_every_mistake_with_its_line(mine: Path) -> None:
    offline("playbooks", "validate", str(mine)).check(0)
    wrong = PLAYBOOK.format(code="Other").replace("tries:", "moon:").replace("back-up-now", "fly")
    (mine / "wrong.yaml").write_text(wrong, encoding="utf-8")
    (mine / "again.yaml").write_text(
        PLAYBOOK.format(code="Another").replace("  Another:", "  Unheard:"), encoding="utf-8"
    )
    said = offline("playbooks", "validate", str(mine)).check(64).err
    assert "wrong.yaml:11: unknown condition 'moon'" in said
    assert "wrong.yaml:12:" in said
    assert "again.yaml:6: 'Unheard' is not one of codes: Another" in said
    (mine / "wrong.yaml").write_text(PLAYBOOK.format(code="FALLEN"), encoding="utf-8")
    (mine / "again.yaml").unlink()
    assert "belongs to" in offline("playbooks", "validate", str(mine)).check(64).err
    offline("playbooks", "validate", str(mine / "nowhere")).check(64)
    offline("playbooks", "validate").check(0)


def test_validate_refuses_a_folder_without_a_playbook(tmp_path: Path) -> None:
    assert offline("playbooks", "validate", str(tmp_path)).check(64).err.count("\n") == 1


def test_a_users_cases_are_run_on_the_local_azure(mine: Path) -> None:
    cases = mine / "fallen.cases.yaml"
    cases.write_text(CASES.format(writes="POST /backup"), encoding="utf-8")
    done = offline("playbooks", "test", str(mine), "--format", "json").check(0).json()
    assert done["results"] == [{"playbook": "Fallen", "case": "it is backed up", "problems": []}]
    # A file of cases lies beside the playbooks, but is not one of them.
    offline("playbooks", "validate", str(mine)).check(0)

    cases.write_text(CASES.format(writes="DELETE /locks/x"), encoding="utf-8")
    failed = offline("playbooks", "test", str(mine)).check(3)
    assert "DELETE /locks/x" in failed.out
    assert "0 proved, 1 not" in failed.out


def test_a_case_that_expects_no_verdict_and_gets_one_is_told_so(mine: Path) -> None:
    text = CASES.format(writes="POST /backup").replace(",\n             verdict: recovered", "")
    assert "verdict" not in text
    (mine / "fallen.cases.yaml").write_text(text, encoding="utf-8")
    failed = offline("playbooks", "test", str(mine)).check(3)
    assert "the case expects no verdict" in failed.out


def test_a_rung_without_a_case_is_not_proved(mine: Path) -> None:
    (mine / "fallen.cases.yaml").write_text("playbook: Fallen\ncases: []\n", encoding="utf-8")
    assert "rung back-up" in offline("playbooks", "test", str(mine)).check(3).out


@pytest.mark.parametrize("option", ["--arm-endpoint", "--auth=cli", "--job-id", "-g", "--config"])
def test_a_case_cannot_lead_away_from_the_local_azure(mine: Path, option: str) -> None:
    text = CASES.format(writes="").replace(
        "    expect:", f"    options: ['{option}', x]\n    expect:"
    )
    (mine / "fallen.cases.yaml").write_text(text, encoding="utf-8")
    said = offline("playbooks", "test", str(mine)).check(64).err
    assert "is not for a case to set" in said


def test_the_schema_is_the_one_beside_the_playbooks() -> None:
    printed = offline("playbooks", "schema").check(0).out
    assert printed == offline("schema", "playbook").check(0).out


def test_every_action_is_told_with_what_it_can_come_to() -> None:
    told = {
        a["action"]: a for a in offline("actions", "--format", "json").check(0).json()["actions"]
    }
    assert set(told) == set(discovered())
    assert told["restart-vm"]["impacts"] == ["downtime"]
    assert told["restart-vm"]["permissions"] == ["Microsoft.Compute/virtualMachines/restart/action"]
    assert told["wait-for-clean-up"]["impacts"] == []
    assert {s["name"] for s in told["put-locks-back"]["settings"]} == {"policy"}
    known = {shape.permission for shape in SHAPES.values()}
    for action in told.values():
        assert action["meaning"]
        assert set(action["permissions"]) <= known
        assert bool(action["impacts"]) == bool(action["operations"]), action["action"]
        assert all(setting["meaning"] or setting["default"] for setting in action["settings"])
    shown = offline("actions").check(0).out
    assert all(name in shown for name in told)


def test_the_document_names_the_impact_classes_of_each_action() -> None:
    """Two texts say it: the table for authors, and the source of each action."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.split("### The actions of `steps`", 1)[1].split("\n### ", 1)[0]
    rows = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("| `")]
    assert len(rows) == len(abilities())
    for name, impact in ((a.strip(" `"), b.strip()) for a, b in rows):
        found = {i.value for i in abilities()[name].impacts} - {Impact.READ_ONLY.value}
        assert found == set(impact.replace("-\n", "").split(", ")) - {"-", "read-only"}, name
