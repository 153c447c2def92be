"""A lock of which nobody knows whether it is on is told as that, and as nothing else."""

import json
from pathlib import Path

from tests.clouds import fast
from tests.command import remediate
from tests.evidence import fix, locks, results
from tests.views.html.reader import read


def test_a_lock_whose_removal_is_uncertain_is_not_told_as_left_off_on_purpose(
    tmp_path: Path,
) -> None:
    with fast() as azure:
        azure.fault("cut-before", method="DELETE", path="/locks/", times=None)
        ended = fix(azure, tmp_path, "--timeout", "20s").check(3)
        assert len(locks(azure)) == 1
    assert results(tmp_path)[0] == "uncertain"
    said = " ".join(ended.out.split())
    assert "Not known whether it is off: lock keep (CanNotDelete) on" in said
    assert "az lock show --ids /subscriptions/" in said
    for wrong in ("Left off on purpose", "THAT SHOULD BE ON"):
        assert wrong not in said


def test_the_json_names_the_lock_as_unsure(tmp_path: Path) -> None:
    with fast() as azure:
        azure.fault("cut-before", method="DELETE", path="/locks/", times=None)
        ended = fix(azure, tmp_path, "--timeout", "20s", "--format", "json").check(3)
    report = ended.json()
    assert [lock["name"] for lock in report["locks_unsure"]] == ["keep"]
    assert report["locks_owed"] == []


def test_a_lock_that_may_be_off_is_told_as_that_in_every_form(tmp_path: Path) -> None:
    with fast() as azure:
        azure.fault("cut-before", method="DELETE", path="/locks/", times=None)
        report = fix(azure, tmp_path, "--timeout", "20s", "-o", "json").check(3).json()
    owed = tmp_path / "owed.json"
    owed.write_text(json.dumps(report | {"locks_owed": report["locks_unsure"]}), "utf-8")
    for form in ("text", "md", "html", "junit", "sarif", "csv"):
        told = remediate("report", str(owed), "-o", form, env={}).check(0).out
        words = " ".join(read(told).told["parts"] if form == "html" else told.split()).lower()
        assert "not known whether " in words, form
        assert "lock is off that should be on" not in words, form


def test_the_page_tells_an_uncertain_lock_as_uncertain(tmp_path: Path) -> None:
    with fast() as azure:
        azure.fault("cut-before", method="DELETE", path="/locks/", times=None)
        report = fix(azure, tmp_path, "--timeout", "20s", "-o", "json").check(3).json()
    owed = report | {"locks_owed": report["locks_unsure"]}
    for saved, told in (
        (report, "Not known whether it is off:"),
        (owed, "NOT KNOWN WHETHER IT IS ON:"),
    ):
        path = tmp_path / "report.json"
        path.write_text(json.dumps(saved), "utf-8")
        texts = read(remediate("report", str(path), "-o", "html", env={}).check(0).out).told[
            "parts"
        ]
        assert told in texts
        for wrong in ("left off on purpose", "A LOCK IS OFF THAT SHOULD BE ON:"):
            assert wrong not in texts
