"""A lock of which nobody knows whether it is on is told as that, and as nothing else."""

from pathlib import Path

from tests.clouds import fast
from tests.evidence import fix, locks, results


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
