"""A plan file alone allows nothing: the tool asks Azure and the person again."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.ailing import WORN
from tests.command import STEP, Ended, environment, remediate
from tests.evidence import scenario, sent

Change = Callable[[dict[str, Any]], None]

DESTRUCTIVE = ("--allow", "destructive")
WELL = {"name": "well", "history": [{"at": "9h ago", "status": "Completed"}]} | {
    "collection": {"group": "AzureBackupRG_westeurope_1", "points": {"count": 3}}
}
"""A VM that never failed. Its collection has the points of its good backups."""

BOOKS = """\
codes: [ContosoWorn]
title: Made up
sources: [https://example.invalid]
causes: [none]
ladder:
%s
  - rung: clean
    title: Delete the collection
    when: {vm: present}
    steps:
      - action: delete-collection
      - action: back-up-now
manual: {text: Look.}
"""
CHEAPER = """\
  - rung: cheaper
    title: Back up
    when: {vm: present}
    steps:
      - action: back-up-now
"""


class Place:
    """A cloud with an ill VM and a healthy VM, and a folder with a plan."""

    def __init__(self, azure: SimulatorProcess, folder: Path) -> None:
        self.azure, self.folder, self.file = azure, folder, folder / "plan.json"

    def call(self, *arguments: str) -> Ended:
        return remediate(*arguments, env=environment(self.azure, self.folder), cwd=self.folder)

    def plan(self, *options: str, vm: str = "web") -> Ended:
        job = self.azure.failed_jobs(vm)[-1]
        return self.call("plan", "--job-id", job, "--out", str(self.file), *options).check(0)

    def apply(self, *options: str) -> Ended:
        return self.call("apply", str(self.file), "--yes", *options)

    def forge(
        self, change: Change, replaced: dict[str, str] | None = None, *, shown: int = 0
    ) -> None:
        """Alter the plan as anybody can who can write the file: its id fits again."""
        text = self.file.read_text("utf-8")
        for was, now in (replaced or {}).items():
            text = text.replace(was, now)
        plan = json.loads(text)
        change(plan)
        plan.pop("signature", None)
        plain = json.dumps(plan | {"plan_id": ""}, ensure_ascii=False, separators=(",", ":"))
        plan["plan_id"] = f"plan-{hashlib.sha256(plain.encode()).hexdigest()[:24]}"
        self.file.write_text(json.dumps(plan), "utf-8")
        # Usually the file itself is valid.
        self.call("show", str(self.file)).check(shown)

    def refused(self, ended: Ended, *says: str) -> None:
        """Check: exit code 4, a line with the reason, no write, no run, and a line in the trail."""
        ended.check(4)
        *_, line = ended.err.splitlines()
        assert all(text in line for text in says), line
        assert self.azure.writes() == []
        assert not (self.folder / "runs").exists()
        last = json.loads((self.folder / "audit.jsonl").read_bytes().splitlines()[-1])
        assert last["event"] == "refused"
        assert all(text in last["text"] for text in says)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with SimulatorProcess(scenario(tmp_path, WORN, WELL), time="stepped", step=STEP) as azure:
        yield Place(azure, tmp_path)


def nothing(_plan: dict[str, Any]) -> None:
    pass


# --- consent --------------------------------------------------------------------------------------


def test_consent_is_given_where_a_plan_is_applied(place: Place) -> None:
    said = place.plan(*DESTRUCTIVE).err
    assert f"remediate apply {place.file} --allow destructive" in said
    place.refused(place.apply(), "is not signed", "add --allow destructive to apply")
    place.refused(place.apply("--allow", "downtime"), "add --allow destructive to apply")
    place.apply(*DESTRUCTIVE).check(0)
    assert len(sent(place.azure, "DELETE", "/restorePointCollections/[^/]*")) == 1


def test_a_file_that_is_named_consents_and_one_that_lies_there_does_not(place: Place) -> None:
    place.plan(*DESTRUCTIVE)
    (place.folder / "remediate.toml").write_text("[apply]\nallow = ['destructive']\n", "utf-8")
    assert "allow is read only from a file that --config names" in place.apply().check(64).err
    place.apply("--config", "remediate.toml").check(0)


def test_a_signed_plan_keeps_its_consent(place: Place) -> None:
    key = place.folder / "key"
    place.call("keys", "new", str(key)).check(0)
    assert "not signed" not in place.plan(*DESTRUCTIVE, "--sign", str(key)).err
    place.refused(place.apply(), "is not signed", "--allow destructive", "--verify")
    place.apply("--verify", f"{key}.pub").check(0)


def test_of_several_plans_each_needs_its_consent(place: Place) -> None:
    place.plan(*DESTRUCTIVE)
    other = place.folder / "other.json"
    shutil.copy(place.file, other)
    ended = place.call("apply", str(place.file), str(other), "--yes", "--format", "json").check(4)
    standings = {target["standing"] for target in ended.json()["targets"]}
    assert standings == {"refused", "same-vm"}
    assert "--allow destructive" in ended.json()["targets"][0]["text"]
    assert place.azure.writes() == []


@pytest.mark.parametrize(
    ("options", "needed"),
    [
        (("--error-code", "UserErrorRpCollectionLimitReached"), True),
        (("--restore-point-limit", "2"), True),
        (("--retain-days", "9999"), True),
        (("--max-targets", "1"), False),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_what_the_operator_told_is_told_again(
    options: tuple[str, ...], needed: bool, place: Place
) -> None:
    place.plan(*DESTRUCTIVE, *options)
    if needed:
        place.refused(place.apply(*DESTRUCTIVE), f"add {' '.join(options)} to apply")
    place.apply(*DESTRUCTIVE, *(options if needed else ())).check(0)


# --- forged plans -------------------------------------------------------------------------------


def test_a_plan_for_a_vm_that_never_failed_is_refused(place: Place) -> None:
    failed = place.azure.failed_jobs("web")[-1].rsplit("/", 1)[-1]
    well = place.azure.state()["jobs"]["well"][-1]["name"]
    for job in (failed, well):
        place.plan(*DESTRUCTIVE)
        place.forge(nothing, {"web": "well", failed: job})
        place.refused(place.apply(*DESTRUCTIVE), "is stale")


def test_a_plan_for_a_job_that_does_not_exist_is_refused(place: Place) -> None:
    place.plan(*DESTRUCTIVE)
    failed = place.azure.failed_jobs("web")[-1].rsplit("/", 1)[-1]
    place.forge(nothing, {failed: "00000000-0000-0000-0000-00000000dead"})
    place.refused(place.apply(*DESTRUCTIVE), "no such job")


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("code", "UserErrorVmProvisioningStateFailed", "leads to another playbook here"),
        ("message", "another text", "another text"),
        ("confidence", "inner", "evidence for the failure is different"),
    ],
)
def test_a_plan_with_another_failure_is_refused(
    field: str, value: str, says: str, place: Place
) -> None:
    place.plan(*DESTRUCTIVE)
    place.forge(lambda plan: plan["failure"].update({field: value}))
    place.refused(place.apply(*DESTRUCTIVE), says)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("vm_name", "well"),
        ("start", "2020-01-01T00:00:00Z"),
        ("activity_id", None),
        ("operation", "Restore"),
        ("seen", "2099-01-01T00:00:00Z"),
    ],
)
def test_a_plan_with_another_job_is_refused(field: str, value: Any, place: Place) -> None:
    place.plan(*DESTRUCTIVE)
    place.forge(lambda plan: plan["job"].update({field: value}))
    place.refused(place.apply(*DESTRUCTIVE), "by Azure's clock" if field == "seen" else field)


@pytest.mark.parametrize("told", [{"data_loss": 9}, {"has_changes": False}, {"changes": 0}])
def test_a_plan_whose_summary_is_not_of_its_steps_is_refused(
    told: dict[str, Any], place: Place
) -> None:
    place.plan(*DESTRUCTIVE)
    place.forge(lambda plan: plan["summary"].update(told), shown=4)
    assert "altered after it was made" in place.apply(*DESTRUCTIVE).check(4).err
    assert place.azure.writes() == []


def test_a_plan_that_claims_to_hold_for_ever_is_refused(place: Place) -> None:
    place.plan(*DESTRUCTIVE)
    place.forge(lambda plan: plan.update(expires="2099-01-01T00:00:00Z"))
    place.refused(place.apply(*DESTRUCTIVE), "longer than a plan may be")


def test_a_plan_with_a_code_that_the_job_does_not_have_is_refused(place: Place) -> None:
    """The operator named the code. Then somebody forged the plan as if the job had named it."""
    said = ("--error-code", "ContosoWorn")
    ours = ("--playbooks", str(book(place, "").parent), *DESTRUCTIVE)
    place.plan(*said, *ours)
    place.refused(place.apply(*ours), f"add {' '.join(said)} to apply")
    place.forge(lambda plan: plan["failure"].update(confidence="certain"))
    place.refused(place.apply(*ours), "failure is UserErrorRpCollectionLimitReached")


def book(place: Place, first: str) -> Path:
    """The user's own playbook, with this rung at the start of its ladder."""
    path = place.folder / "books" / "ContosoWorn.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(BOOKS % first, "utf-8")
    return path


def test_a_rung_is_taken_only_while_its_turn_has_come(place: Place) -> None:
    folder = str(book(place, "").parent)
    ours = ("--playbooks", folder, "--error-code", "ContosoWorn", *DESTRUCTIVE)
    place.plan(*ours)
    book(place, CHEAPER)
    place.refused(place.apply(*ours), "is stale")
    # The same steps by another rung are also another remedy.
    book(place, CHEAPER.replace("present", "absent"))
    place.forge(lambda plan: plan["ladder"].update(rung="cheaper"))
    place.refused(place.apply(*ours), "another remedy")


def test_a_vm_that_has_recovered_meanwhile_is_left_alone(place: Place) -> None:
    place.plan(*DESTRUCTIVE)
    other = place.folder / "other"
    job = place.azure.failed_jobs("web")[-1]
    env = environment(place.azure, other)
    remediate("--job-id", job, "--yes", *DESTRUCTIVE, env=env).check(0)
    before = len(place.azure.writes())
    assert "already recovered" in place.apply(*DESTRUCTIVE).check(4).err
    assert len(place.azure.writes()) == before
