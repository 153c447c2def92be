"""Approved plans: the plan that was signed is applied, and every other plan is refused."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.command import STEP, Ended, environment, remediate
from tests.evidence import triggered
from tests.places import PLAYBOOKS


class Approver:
    """A folder with a signed plan, its key, and the Azure for which it was made."""

    def __init__(self, azure: SimulatorProcess, folder: Path) -> None:
        self.azure, self.folder = azure, folder
        self.job = azure.failed_jobs("web")[-1]
        self.key, self.public = folder / "key", folder / "key.pub"
        self.plan = folder / "plan.json"

    def call(self, *arguments: str) -> Ended:
        return remediate(*arguments, env=environment(self.azure, self.folder), cwd=self.folder)

    def new_plan(self, *options: str) -> None:
        self.call("plan", "--job-id", self.job, "--out", str(self.plan), *options).check(0)

    def apply(self, *options: str) -> Ended:
        return self.call("apply", str(self.plan), "--yes", *options)

    def refused(self, ended: Ended, says: str) -> None:
        """Check: exit code 4, one line, no write, and a line in the audit trail."""
        ended.check(4)
        (line,) = ended.err.splitlines()
        assert says in line
        assert self.azure.writes() == []
        last = json.loads((self.folder / "audit.jsonl").read_bytes().splitlines()[-1])
        assert last["event"] == "refused"
        assert says in last["text"]

    def edit(self, change: Any) -> None:
        plan = json.loads(self.plan.read_text("utf-8"))
        change(plan)
        self.plan.write_text(json.dumps(plan), "utf-8")


@pytest.fixture
def approver(tmp_path: Path) -> Iterator[Approver]:
    with SimulatorProcess("limit-reached", time="stepped", step=STEP) as azure:
        found = Approver(azure, tmp_path)
        found.call("keys", "new", str(found.key)).check(0)
        found.new_plan("--sign", str(found.key))
        yield found


def test_a_signed_plan_is_applied_and_the_trail_names_the_key(approver: Approver) -> None:
    made = approver.call("keys", "new", str(approver.folder / "other")).check(0).out
    assert made.startswith("ed25519:")
    modes = [path.stat().st_mode & 0o777 for path in (approver.key, approver.public)]
    assert modes[0] == 0o600
    assert b"PRIVATE KEY" in approver.key.read_bytes()
    assert b"PUBLIC KEY" in approver.public.read_bytes()
    both = ("--verify", str(approver.folder / "other.pub"), "--verify", str(approver.public))
    report = approver.apply(*both, "--require-signature", "--format", "json").check(0).json()
    name = report["plan"]["signature"]["key_id"]
    lines = (approver.folder / "audit.jsonl").read_bytes().splitlines()
    assert json.loads(lines[1])["approval"] == {"by": "--yes", "signed_by": name}
    assert name in approver.call("show", str(approver.plan)).check(0).out
    assert len(triggered(approver.azure)) == 1


def test_a_key_is_never_written_over(approver: Approver) -> None:
    before = approver.key.read_bytes()
    approver.call("keys", "new", str(approver.key)).check(64)
    assert approver.key.read_bytes() == before


def test_another_key_is_refused(approver: Approver) -> None:
    approver.call("keys", "new", str(approver.folder / "other")).check(0)
    ended = approver.apply("--verify", str(approver.folder / "other.pub"))
    approver.refused(ended, "none of the keys of --verify")


def test_a_plan_without_a_signature_is_refused(approver: Approver) -> None:
    approver.new_plan()
    approver.refused(approver.apply("--verify", str(approver.public)), "is not signed")


def test_a_signature_of_another_plan_is_refused(approver: Approver) -> None:
    signature = json.loads(approver.plan.read_text("utf-8"))["signature"]
    approver.new_plan("--allow", "downtime")
    approver.edit(lambda plan: plan.update(signature=signature))
    approver.refused(approver.apply("--verify", str(approver.public)), "is not valid")


@pytest.mark.parametrize("value", ["", "AAAA", "not base64 at all", "é"])
def test_an_invalid_signature_is_refused(value: str, approver: Approver) -> None:
    approver.edit(lambda plan: plan["signature"].update(value=value))
    approver.refused(approver.apply("--verify", str(approver.public)), "is not valid")


def test_an_edited_plan_is_refused_signed_or_not(approver: Approver) -> None:
    approver.edit(lambda plan: plan["notes"].append("approved"))
    ended = approver.apply("--verify", str(approver.public)).check(4)
    assert "altered after it was made" in ended.err
    assert approver.azure.writes() == []


@pytest.mark.parametrize("name", ["key", "plan.json", "absent"])
def test_what_is_no_public_key_verifies_nothing(name: str, approver: Approver) -> None:
    ended = approver.apply("--verify", str(approver.folder / name)).check(64)
    assert len(ended.err.splitlines()) == 1
    assert approver.azure.writes() == []


def test_only_a_private_key_signs_and_only_what_is_saved(approver: Approver) -> None:
    plan = ("plan", "--job-id", approver.job)
    approver.call(*plan, "--sign", str(approver.key)).check(64)
    approver.call(*plan, "--sign", str(approver.public), "--out", str(approver.plan)).check(64)


def test_where_signatures_are_required_nothing_else_is_applied(approver: Approver) -> None:
    (approver.folder / "remediate.toml").write_text("require-signature = true\n", "utf-8")
    run = approver.call("--job-id", approver.job, "--yes")
    approver.refused(run, "--require-signature")
    approver.refused(approver.apply(), "--require-signature")
    approver.apply("--verify", str(approver.public)).check(0)


def test_a_file_that_merely_lies_there_cannot_say_whose_signature_counts(
    approver: Approver,
) -> None:
    config = approver.folder / "remediate.toml"
    config.write_text(f"[apply]\nverify = ['{approver.public}']\n", "utf-8")
    assert "--config" in approver.apply().check(64).err
    approver.apply("--config", str(config)).check(0)


# --- the playbook that a plan was made from -------------------------------------------------------


@pytest.fixture
def books(approver: Approver) -> Path:
    """The playbook in the user's own folder, and a plan made from it."""
    folder = approver.folder / "books"
    folder.mkdir()
    name = "UserErrorRpCollectionLimitReached.yaml"
    shutil.copy(PLAYBOOKS / name, folder / name)
    approver.new_plan("--playbooks", str(folder))
    return folder / name


def test_a_playbook_changed_elsewhere_is_said(approver: Approver, books: Path) -> None:
    books.write_text(books.read_text("utf-8") + "\n# a word\n", "utf-8")
    ended = approver.apply("--playbooks", str(books.parent)).check(0)
    assert "was changed after" in ended.err
    assert len(triggered(approver.azure)) == 1


def test_a_playbook_with_another_remedy_makes_a_plan_stale(approver: Approver, books: Path) -> None:
    text = books.read_text("utf-8")
    assert text.count("- action: remove-locks\n") >= 1
    books.write_text(text.replace("- action: remove-locks\n", "- action: reapply-vm\n"), "utf-8")
    ended = approver.apply("--playbooks", str(books.parent))
    approver.refused(ended, "has another remedy now")


def test_a_plan_of_a_playbook_that_is_gone_is_refused(approver: Approver, books: Path) -> None:
    moved = books.with_name("ContosoOwn.yaml")
    text = books.read_text("utf-8").replace("UserErrorRpCollectionLimitReached", "ContosoOwn")
    books.rename(moved)
    moved.write_text(text, "utf-8")
    approver.new_plan("--playbooks", str(books.parent), "--error-code", "ContosoOwn")
    approver.refused(approver.apply(), "ContosoOwn leads to another playbook here")
