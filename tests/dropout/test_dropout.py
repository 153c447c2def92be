"""Fields that are left out of Azure's answers: the suite, a part of it, and its judge."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from remediator.proving.casefile import Case
from tests.dropout.cases import FIXES, all_played
from tests.dropout.drops import Drop, How, present, without
from tests.dropout.judge import judge
from tests.dropout.kinds import Field, kind_of, shown
from tests.dropout.stage import Observed, Stage
from tests.dropout.suite import finish
from tests.dropout.verdict import unproved, wanting
from tests.fields import evidence
from tests.fields.observed import cases

FOR_EACH_FIX = {
    "take locks off": "UserErrorRpCollectionLimitReached: the lock goes, Azure cleans up",
    "delete restore point collections": "UserErrorRpCollectionMarkedForDeletion: a lock that keeps",
    "uninstall the extension": "ExtensionStuckInDeletionState: the stuck extension is uninstalled "
    "on Windows",
    "back up again": "CopyingVHDsFromBackUpVaultTakingLongTime: the storage was busy",
}
"""A case of each main fix, by the beginning of its name."""

_VAULT = "/subscriptions/S/resourceGroups/G/providers/Microsoft.RecoveryServices/vaults/V"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage() as found:
        yield found


@pytest.mark.parametrize("fix", FIXES)
def test_no_remedy_is_held_for_want_of_what_nobody_ever_saw(fix: str, stage: Stage) -> None:
    [played] = (p for p in all_played(stage.azure) if p.name.startswith(FOR_EACH_FIX[fix]))

    found = finish(stage, played, wanting)

    assert found.recovered
    assert found.runs
    assert [(str(r.field), r.how, r.complaints) for r in found.runs if r.complaints] == []
    assert list(unproved(found)) == []


_ROWS = "GET Microsoft.RecoveryServices/vaults/backupJobs"
_POINTS = "GET Microsoft.Compute/restorePointCollections/{}"
_POINT = ("properties", "restorePoints", "[]", "properties")
_WAITING = "while the clean-up may still be under way nothing is done"
_FULL = "proved to have failed, but deleting points needs an opt-in"

_LOCKS = "GET Microsoft.Authorization/locks"
_LOCKED = "a ReadOnly lock on group:rg-app is named"

_VM = "GET Microsoft.Compute/virtualMachines/{}"
_ELSEWHERE = "what another vault protects by now is not protected twice"
_OTHERS = "another product's failed extension is named and left alone, and nothing is restarted"

_ITEMS = "GET Microsoft.RecoveryServices/vaults/backupProtectedItems"

WHAT_IS_NOT_TOLD = [
    *(
        (_WAITING, Field(_ROWS, ("value", "[]", "properties", *name)))
        for name in ((), ("operation",), ("startTime",), ("containerName",))
    ),
    (_WAITING, Field(f"{_ROWS}/{{}}", ("properties", "containerName"))),
    (_FULL, Field(_POINTS, _POINT)),
    (_LOCKED, Field(_LOCKS, ("value", "[]", "properties"))),
    (_ELSEWHERE, Field("GET resources", ("value", "[]", "id"))),
    (_ELSEWHERE, Field(_ITEMS, ("value", "[]", "properties", "protectionState"))),
    (_OTHERS, Field(_VM, ("resources", "[]", "properties", "provisioningState"))),
    (_LOCKED, Field(_LOCKS, ("value", "[]", "properties", "level"))),
    (_FULL, Field(_POINTS, (*_POINT, "timeCreated"))),
]
"""Details of a job, a point or a lock that the answer leaves out. When the tool took such a gap
for "nothing", it began a backup that the full answer forbade."""


@pytest.mark.parametrize(
    ("name", "field"), WHAT_IS_NOT_TOLD, ids=[str(field) for _, field in WHAT_IS_NOT_TOLD]
)
def test_what_is_not_told_is_not_taken_for_nothing(name: str, field: Field, stage: Stage) -> None:
    case = _case(name)
    full, less = stage.play(case, []), stage.play(case, [Drop(field, How.ABSENT)])
    assert full.sent == ()
    assert list(judge(full, less, case.vm, field)) == []


def _case(name: str, playbook: str = "") -> Case:
    found = [c for p, c in cases() if p.startswith(playbook) and c.name.startswith(name)]
    return min(found, key=lambda case: len(case.name))


def _faulty(stage: Stage, case: Case, fault: str, field: Field) -> list[str]:
    """What the judge says of a tool with this fault. The tool without the fault must pass."""
    full, drop = stage.play(case, []), Drop(field, How.ABSENT)
    assert list(judge(full, stage.play(case, [drop]), case.vm)) == []
    less = stage.play(case, [drop], "tests.dropout.planted", fault)
    return list(judge(full, less, case.vm))


def test_the_judge_sees_that_a_protection_of_unknown_state_is_backed_up(stage: Stage) -> None:
    case = _case("with which policy to resume a human decides", "UserErrorBcmDatasourceNotPresent")
    kind = "GET Microsoft.RecoveryServices/vaults/backupProtectedItems"
    field = Field(kind, ("value", "[]", "properties", "protectionState"))
    [complaint] = _faulty(stage, case, "state_taken_for_well", field)
    assert complaint.startswith("a change outside the plan: POST ")
    assert complaint.endswith("/backup")


def test_the_judge_sees_that_something_is_run_in_a_guest_whose_agent_is_silent(
    stage: Stage,
) -> None:
    case = _case("after two failed tries the VM moves", "UserErrorGuestAgentStatusUnavailable")
    case = case.model_copy(update={"options": [*case.options, "--allow", "guest"]})
    kind = "GET Microsoft.Compute/virtualMachines/{}"
    field = Field(kind, ("properties", "instanceView", "vmAgent", "statuses"))
    [complaint] = _faulty(stage, case, "silence_taken_for_ready", field)
    assert complaint.startswith("a change outside the plan: POST ")
    assert complaint.endswith("/runcommand")


def test_the_judge_sees_each_broken_promise(stage: Stage) -> None:
    case = _case("the lock goes, Azure cleans up")
    full = stage.play(case, [])
    [lock] = full.named
    assert list(judge(full, full, case.vm)) == []

    def said(**other: Any) -> list[str]:
        return list(judge(full, replace(full, **other), case.vm))

    jobs = {case.vm: [j for j in full.after["jobs"][case.vm] if j["status"] != "Completed"]}
    on = [row | {"deleted": False} for row in full.after["locks"]]
    assert said(crashed=True, said="Traceback\nKeyError: 'x'") == ["crashed: KeyError: 'x'"]
    assert said(code=64) == ["exit code 64"]
    assert said(sent=(("DELETE", "/x"),)) == ["a change outside the plan: DELETE /x"]
    assert said(after=full.after | {"jobs": jobs}) == ["a recovery that is none"]
    assert said(named=frozenset()) == [f"a lock is off and not named: {lock}"]
    back = replace(full, after=full.after | {"locks": on})
    assert list(judge(back, full, case.vm)) == [
        "a lock is off that goes back on otherwise, and the exit code is 0"
    ]


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("GET Microsoft.Compute/restorePointCollections", ("id",)),
        ("GET Microsoft.Compute/restorePointCollections", ("properties", "source", "id")),
        ("GET Microsoft.Authorization/locks", ("id",)),
    ],
)
def test_what_cannot_be_placed_holds_the_remedy(
    kind: str, path: tuple[str, ...], stage: Stage
) -> None:
    case = _case("a lock that keeps the deletion from ending goes first")
    less = stage.play(case, [Drop(Field(kind, ("value", "[]", *path)), How.ABSENT)])
    assert (less.code, less.said, less.sent) == (3, "", ())


@pytest.mark.parametrize(
    "kind",
    [
        "GET Microsoft.Authorization/locks",
        "GET Microsoft.Compute/restorePointCollections",
        "GET resourcegroups",
    ],
)
def test_what_has_no_name_is_known_by_its_id(kind: str, stage: Stage) -> None:
    case = _case("a lock that keeps the deletion from ending goes first")
    drop = Drop(Field(kind, ("value", "[]", "name")), How.ABSENT)
    assert stage.play(case, [drop]).result == stage.play(case, []).result


def test_a_vm_is_known_by_the_id_that_it_was_asked_for_by(stage: Stage) -> None:
    case = _case("the stuck extension is uninstalled on Windows")
    drop = Drop(Field("GET Microsoft.Compute/virtualMachines/{}", ("id",)), How.ABSENT)
    assert stage.play(case, [drop]).result == stage.play(case, []).result


def test_a_list_of_vaults_that_is_none_holds_the_remedy(stage: Stage) -> None:
    case = _case("a job stuck in its snapshot for a day is cancelled", "UserErrorBackupOp")
    less = stage.play(case, [Drop(Field("GET resources", ("value",)), How.NULL)])
    assert (less.code, less.said, less.sent) == (3, "", ())


@pytest.mark.parametrize("key", ["publisher", "type"])
def test_an_extension_whose_owner_is_not_told_is_not_taken_for_absent(
    key: str, stage: Stage
) -> None:
    """The VM is off, so no instance view can supply what the resource leaves out."""
    case = _case("on a VM that does not run nothing is uninstalled")
    kind = "GET Microsoft.Compute/virtualMachines/{}"
    drop = Drop(Field(kind, ("resources", "[]", "properties", key)), How.ABSENT)
    less = stage.play(case, [drop])
    assert (less.code, less.sent) == (3, ())


@pytest.mark.parametrize("path", [("type",), ("name",), ("properties", "publisher")])
def test_the_instance_view_tells_what_an_extensions_resource_leaves_out(
    path: tuple[str, ...], stage: Stage
) -> None:
    case = _case("the stuck extension is uninstalled on Windows")
    kind = "GET Microsoft.Compute/virtualMachines/{}"
    drop = Drop(Field(kind, ("resources", "[]", *path)), How.ABSENT)
    assert stage.play(case, [drop]).result == stage.play(case, []).result


def test_a_weak_field_that_holds_a_remedy_is_complained_of(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    [played] = (
        p for p in all_played(stage.azure) if p.name.startswith(FOR_EACH_FIX["back up again"])
    )
    kind = "GET Microsoft.RecoveryServices/vaults/backupProtectedItems"
    field = Field(kind, ("value", "[]", "properties", "protectionState"))
    found = finish(stage, played, lambda _: [Drop(field, How.ABSENT)])
    assert list(unproved(found)) == []  # recordings have this field

    [told] = (each for each in evidence.kept() if each.field == field)
    weak = replace(told, recorded=None, specified=None)
    monkeypatch.setattr(evidence, "about", lambda _: weak)
    [complaint] = unproved(found)
    assert "protectionState" in complaint


def test_a_field_is_taken_out_wherever_it_stands() -> None:
    def body() -> dict[str, Any]:
        return {"value": [{"a": {"b": 1, "c": 2}}, {"a": None}, {}], "n": 1}

    left = body()
    without(left, ("value", "[]", "a", "b"), How.ABSENT)
    assert left == {"value": [{"a": {"c": 2}}, {"a": None}, {}], "n": 1}
    left = body()
    without(left, ("value", "[]", "a"), How.NULL)
    assert left == {"value": [{"a": None}, {"a": None}, {}], "n": 1}
    assert set(present(body())) == {
        ("value",),
        ("value", "[]", "a"),
        ("value", "[]", "a", "b"),
        ("value", "[]", "a", "c"),
        ("n",),
    }


@pytest.mark.parametrize(
    ("method", "url", "status", "kind"),
    [
        (
            "GET",
            f"{_VAULT}/backupJobs?x=1",
            200,
            "GET Microsoft.RecoveryServices/vaults/backupJobs",
        ),
        (
            "GET",
            f"{_VAULT}/backupJobs/J",
            404,
            "GET Microsoft.RecoveryServices/vaults/backupJobs/{} (error)",
        ),
        (
            "POST",
            f"https://h{_VAULT}/backupJobs/J/cancel",
            202,
            "POST Microsoft.RecoveryServices/vaults/backupJobs/cancel",
        ),
        (
            "DELETE",
            f"{_VAULT}/providers/Microsoft.Authorization/locks/L",
            204,
            "DELETE Microsoft.Authorization/locks/{}",
        ),
        ("GET", "/subscriptions/S/resourceGroups", 200, "GET resourceGroups"),
        ("GET", "/subscriptions/S", 200, "GET subscriptions/{}"),
    ],
)
def test_a_kind_holds_no_name(method: str, url: str, status: int, kind: str) -> None:
    assert kind_of(method, url, status) == kind


def test_a_path_is_shown_as_it_is_written() -> None:
    assert shown(("value", "[]", "properties", "x")) == "value[].properties.x"
    assert shown(("propertyBag", "Policy Name")) == "propertyBag['Policy Name']"


def test_what_is_read_is_seen(stage: Stage) -> None:
    observed: Observed = stage.observe(_case("the lock goes, Azure cleans up"))[1]
    told = observed.readers
    kind = "GET Microsoft.Compute/virtualMachines/{}"
    assert told[Field(kind, ("properties", "provisioningState"))] == {"inspect/vm"}
    assert Field(kind, ("properties", "timeCreated")) not in told
    unknown = [str(field) for field in observed.read if evidence.about(field) is None]
    assert unknown == [], "run `make fields OBSERVE=1`"
