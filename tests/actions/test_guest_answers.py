"""What the tool believes of a guest's answer, and how it shows the answer."""

import json
from pathlib import Path

import pytest

from tests.actions.guests import ALLOWED, answer, cloud, guest, run
from tests.command import environment, remediate
from tests.controls import controls, texts_of
from tests.evidence import record, results, triggered


def test_what_the_script_says_is_recorded_and_shown(tmp_path: Path) -> None:
    with cloud(tmp_path, guest=guest(f"Welcome\n{answer()}Bye {{\n")) as azure:
        report = run(azure, tmp_path, *ALLOWED, "--format", "json").check(0).json()
        told = report["outcomes"][0]
        assert told["result"] == "applied"
        assert told["guest"] == json.loads(answer()) | {"next": None}
        assert "kept in the guest at /var/lib/remediate/undo/fs-freeze-1" in told["text"]
        assert report["verdict"]["ending"] == "recovered"
        assert next(e for e in record(tmp_path) if e["kind"] == "outcome")["outcome"] == told


@pytest.mark.parametrize("script", ["fs-freeze", "diagnose-linux"])
def test_a_problem_is_told_and_the_backup_is_made_all_the_same(script: str, tmp_path: Path) -> None:
    """The backup does no harm, and it proves whether the problem mattered."""
    said = answer(script, problem="The root cannot be skipped.", before={}, changed=[], undo=None)
    with cloud(tmp_path, guest=guest(said)) as azure:
        ended = run(azure, tmp_path, *ALLOWED, script=script).check(0)
        told = " ".join(ended.out.split())
        assert "The root cannot be skipped. (nothing was changed)" in told
        assert "was none" not in told
        assert results(tmp_path) == ["unsettled", "applied"]
        assert triggered(azure)
        assert "Next: Look." not in ended.out


def test_after_a_problem_only_the_backup_is_made_and_no_restart(tmp_path: Path) -> None:
    """A script may say that a restart would do harm. So the run does less."""
    said = answer("com-memory-quota", problem="Undo it before a restart.", changed=[], undo=None)
    code = {"code": "ExtensionInstallProviderCOMMemoryQuotaReached", "times": 9}
    vm = {"os": "windows", "history": [], "ailments": [code], "scheduled_backup": "3h ago"}
    with cloud(tmp_path, **vm, guest=guest(said)) as azure:
        ours = ["--job-id", azure.failed_jobs("web")[-1], *ALLOWED, "--allow", "downtime", "--yes"]
        ended = remediate(*ours, env=environment(azure, tmp_path)).check(3)
        assert results(tmp_path) == ["unsettled", "not-reached", "applied"]
        assert "Undo it before a restart. (nothing was changed)" in " ".join(ended.out.split())
        assert "FAILED-AGAIN-SAME-CODE" in ended.out


def no_answers() -> dict[str, str]:
    deep = "[" * 60 + "]" * 60
    return {
        "nothing": "",
        "only words": "done, all well\n",
        "another script's": answer("diagnose-linux"),
        "cut at its beginning": answer(before={"log": "x" * 4200}),
        "not closed": answer().rstrip()[:-1] + "\n",
        "more than it should": answer(extra=1),
        "less than it should": json.dumps({"script": "fs-freeze", "version": 1}) + "\n",
        "deep": answer(before={"a": json.loads(deep)}),
        "too deep to read": answer().replace('"/data"', "[" * 1500 + "]" * 1500),
        "half a letter": answer(problem="\ud800"),
        "no number": answer().replace('"MountsToSkip": ""', '"MountsToSkip": NaN'),
        "no end of a number": answer().replace('"MountsToSkip": ""', '"MountsToSkip": 1e999'),
        "a list": "[" + answer().strip() + "]\n",
    }


@pytest.mark.parametrize("kind", no_answers())
def test_other_output_is_not_believed_as_the_answer(kind: str, tmp_path: Path) -> None:
    with cloud(tmp_path, guest=guest(no_answers()[kind])) as azure:
        report = run(azure, tmp_path, *ALLOWED, "--format", "json").check(3).json()
        assert [o["result"] for o in report["outcomes"]] == ["unsettled", "not-reached"]
        assert "did not say what it did" in report["outcomes"][0]["text"]
        assert triggered(azure) == []


def test_hostile_words_of_the_guest_drive_no_terminal(tmp_path: Path) -> None:
    bad = "\x1b]0;t\x07\x1b[2J\r\u202e[red]x[/]\x9b31m\u2028"
    hostile = answer(
        before={bad: bad, "n": 10**900, "k" * 300: bad},
        changed=[bad],
        after={"list": [{bad: bad}], "none": None},
        undo=bad,
        problem=bad,
        next=bad,
    )
    mess = f"{bad}\n{hostile}{bad}\n{answer('other')}"
    assert len(mess) < 4000
    with cloud(tmp_path, guest=guest(mess, stderr=bad)) as azure:
        ended = run(azure, tmp_path, *ALLOWED).check(0)
        assert controls(ended.out + ended.err) == set()
        assert "[red]x[/]" in ended.out
        told = record(tmp_path)
        found = next(e["outcome"]["guest"] for e in told if e["kind"] == "outcome")
        assert found["problem"] == bad
        assert bad in set(texts_of(found))
        azure.reload(tmp_path / "scenario.yaml")
        ended = run(azure, tmp_path, *ALLOWED, "--format", "json").check(0)
        assert controls(ended.out + ended.err) == set()
        assert ended.json()["outcomes"][0]["guest"]["before"]["n"] == 10**900


def test_before_and_after_are_rows_to_read(tmp_path: Path) -> None:
    said = answer(
        before={
            "MountsToSkip": "",
            "writers": [{"name": "SQL", "state": "failed"}],
            "dhcp": True,
            "gone": "here",
        },
        after={
            "MountsToSkip": "/data",
            "writers": [{"name": "SQL", "state": "stable"}],
            "dhcp": True,
            "av": None,
        },
    )
    with cloud(tmp_path, guest=guest(said)) as azure:
        shown = run(azure, tmp_path, *ALLOWED).check(0).out
        rows = [line.split() for line in shown.splitlines()]
        for row in (
            "MountsToSkip empty → /data",
            "writers.1.name SQL",
            "gone was here",
            "writers.1.state failed → stable",
            "dhcp yes",
            "av unknown",
        ):
            assert row.split() in rows, shown


def test_a_rung_that_only_looks_tells_the_human_too_before_and_after(tmp_path: Path) -> None:
    code = "ExtensionSnapshotBitlockerError"
    ailing = {"ailments": [{"code": code, "times": 9}], "scheduled_backup": "3h ago"}
    said = answer("diagnose-windows", changed=[], after={"findings": ["bitlocker-locked"]})
    vm = {"os": "windows", "history": [], "guest": guest(said)} | ailing
    with cloud(tmp_path, **vm) as azure:
        ours = ["--job-id", azure.failed_jobs("web")[-1]]
        env = environment(azure, tmp_path)
        shown = remediate(*ours, "--dry-run", env=env).check(0).out
        assert '"manage-bde -status"' in " ".join(shown.split())
        plan = tmp_path / "plan.json"
        remediate("plan", *ours, *ALLOWED, "--out", str(plan), env=env).check(0)
        ended = remediate("apply", str(plan), "--yes", *ALLOWED, "--format", "json", env=env).check(
            3
        )
        report = ended.json()
        assert report["verdict"]["ending"] == "failed-again-same-code"
        assert any("manage-bde -status" in line for line in report["next"])
        assert any("never unlocks" in line for line in report["next"])
