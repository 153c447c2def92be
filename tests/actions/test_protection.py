"""Changes of protection: each request is exact, no field is lost, nothing is stopped by mistake."""

import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediator import ids
from remediator.actions.exclude_disks import ExcludeDisks
from remediator.actions.resume_protection import ResumeProtection
from remediator.actions.stop_protection_keep_data import StopProtectionKeepData
from remediator.actions.take_all_disks import TakeAllDisks
from remediator.change.step import Change
from remediator.facts import (
    Absent,
    DataDisk,
    Disk,
    Facts,
    Known,
    Policy,
    PolicyChoice,
    Thing,
    Unknown,
    Whereabouts,
)
from remediator.inspect import disks, item, policy, vm, whereabouts
from remediator.inspect.jobs import parse_job
from remediator.job.dictionary import Dictionary
from remediator.job.failure import classify
from remediator.job.job import VaultRef
from remediator.proving.by_hand import VERSION, call
from remediator.reading import Answer
from remediator.simulator.process import SimulatorProcess
from tests.command import SPEED, environment, remediate
from tests.cut_short import cloud, killed_at
from tests.evidence import fix, scenario, sent

KIND = "Microsoft.Compute/virtualMachines"
SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
VM = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-app/providers/{KIND}/web"
VAULT = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-backup/providers/"
    "Microsoft.RecoveryServices/vaults/vault-main"
)
POLICY = f"{VAULT}/backupPolicies/DefaultPolicy"
CONFIGURED = {
    "at": "9d ago",
    "vault": "vault-main",
    "operation": "ConfigureBackup",
    "status": "Completed",
    "property_bag": {"Policy Name": "DefaultPolicy"},
}
LEFT_OUT = {"diskExclusionProperties": {"diskLunList": [3], "isInclusionList": False}}


def failed(code: str) -> list[dict[str, Any]]:
    return [CONFIGURED, {"at": "3h ago", "vault": "vault-main", "code": code}]


def protected(**more: Any) -> dict[str, Any]:
    return {"protection": {"vault": "vault-main", **more}}


CHANGES: dict[str, tuple[dict[str, Any], str, list[dict[str, Any]]]] = {
    "stop": (
        {"exists": False, **protected(excluded_luns=[3])},
        "ResourceNotFound",
        [
            {
                "policyId": "",
                "protectionState": "ProtectionStopped",
                "extendedProperties": LEFT_OUT,
            }
        ],
    ),
    "undelete and resume": (
        protected(deleted="1d ago"),
        "UserErrorBcmDatasourceNotPresent",
        [
            {
                "policyId": "",
                "protectionState": "ProtectionStopped",
                "isRehydrate": True,
                "extendedProperties": {},
            },
            {"policyId": POLICY, "extendedProperties": {}},
        ],
    ),
    "resume": (
        protected(state="ProtectionStopped", excluded_luns=[3]),
        "UserErrorBcmDatasourceNotPresent",
        [{"policyId": POLICY, "extendedProperties": LEFT_OUT}],
    ),
    "enable": ({"protection": None}, "UserErrorBcmDatasourceNotPresent", [{"policyId": POLICY}]),
    "exclude": (
        {
            "disks": [{"lun": 0}, {"lun": 1, "size_gb": 70000}, {"lun": 3}],
            **protected(excluded_luns=[3]),
        },
        "UserErrorUnsupportedDiskSize",
        [
            {
                "policyId": POLICY,
                "extendedProperties": {
                    "diskExclusionProperties": {"diskLunList": [1, 3], "isInclusionList": False}
                },
            }
        ],
    ),
    "take all": (
        {"disks": [{"lun": 0}, {"lun": 3}], **protected(excluded_luns=[3])},
        "UserErrorEncryptedVmNotSupportedWithDiskEx",
        [{"policyId": POLICY, "extendedProperties": {"diskExclusionProperties": None}}],
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_request_is_exact(change: str, tmp_path: Path) -> None:
    described, code, bodies = CHANGES[change]
    with stepped(tmp_path, {**described, "history": failed(code)}) as azure:
        fix(azure, tmp_path, "--allow", "protection").check(0)
        puts = sent(azure, "PUT", "/protectedItems/VM;iaasvmcontainerv2;rg-app;web")
        source = {"protectedItemType": KIND, "sourceResourceId": VM}
        assert [put["body"] for put in puts] == [{"properties": {**source, **b}} for b in bodies]
        assert {put["status"] for put in puts} == {202}
        assert sent(azure, "DELETE", "") == []

        # The service refuses the base class, which the SDKs' own models suggest.
        wrong = {"properties": {**puts[0]["body"]["properties"]}}
        wrong["properties"]["protectedItemType"] = "AzureIaaSVMProtectedItem"
        with pytest.raises(urllib.error.HTTPError, match="400"):
            call(azure, "PUT", f"{puts[0]['path']}?{VERSION}", wrong)


def test_killed_between_undelete_and_resume_it_is_finished_where_it_was(tmp_path: Path) -> None:
    described = {**protected(deleted="1d ago"), "history": failed(CODE)}
    with cloud(scenario(tmp_path, described), 4 * SPEED) as azure:
        # The tool reads the policies a third time just before it resumes protection.
        options = ("--allow", "protection")
        asked = killed_at(azure, tmp_path, 3, *options, method="GET", path="/backupPolicies$")
        assert asked is None, asked
        assert len(sent(azure, "PUT", "/protectedItems/[^/]*")) == 1
        (left,) = azure.state()["items"]
        assert (left["deleted"], left["state"]) == (False, "ProtectionStopped")
        assert "remediate resume" in fix(azure, tmp_path, *options).check(4).err
        env = environment(azure, tmp_path)
        report = remediate("resume", "--yes", "--format", "json", env=env)
        assert report.check(0).json()["verdict"]["ending"] == "recovered"
        assert azure.state()["items"][0]["state"] == "Protected"


CODE = "UserErrorBcmDatasourceNotPresent"


def test_a_resource_guard_is_told_in_one_line(tmp_path: Path) -> None:
    guard = {
        "kind": "error",
        "method": "PUT",
        "path": "/protectedItems/",
        "status": 403,
        "code": "AuthorizationFailed",
        "message": "The client does not have authorization to perform action "
        "'Microsoft.DataProtection/resourceGuards/disableProtection/action'.",
    }
    gone = {"exists": False, **protected(), "history": failed("ResourceNotFound")}
    with stepped(tmp_path, gone, faults=[guard]) as azure:
        ended = fix(azure, tmp_path, "--allow", "protection").check(3)
        assert len(sent(azure, "PUT", "/protectedItems/[^/]*")) == 1
        assert azure.state()["items"][0]["state"] == "Protected"
    told = " ".join(ended.out.split())
    assert told.count("under multi-user authorization: ask the owner of its Resource Guard") >= 1


def test_a_discovery_that_fails_is_not_called_done(tmp_path: Path) -> None:
    hidden = {"protection": None, "discovered": False, "history": failed("DiscoveryInternalError")}
    vaults = [{"name": "vault-main", "discovery_fails": 99}]
    with stepped(tmp_path, hidden, vaults=vaults) as azure:
        ended = fix(azure, tmp_path).check(3)
        assert len(sent(azure, "POST", "/refreshContainers")) == 1
        assert len(sent(azure, "GET", "/operationResults/[^/]*")) >= 1
    told = " ".join(ended.out.split())
    assert "CloudInternalError (400) on the discovery in /subscriptions/" in told


@contextmanager
def stepped(folder: Path, *vms: dict[str, Any], **rest: Any) -> Iterator[SimulatorProcess]:
    with SimulatorProcess(scenario(folder, *vms, **rest), time="stepped", step=30) as azure:
        yield azure


# --- without a cloud ----------------------------------------------------------------------------

NOW = datetime(2026, 1, 2, tzinfo=UTC)
JOB = parse_job(
    Answer(
        body={
            "id": f"{VAULT}/backupJobs/job-0001",
            "name": "job-0001",
            "properties": {"operation": "Backup", "containerName": "iaasvmcontainerv2;rg-app;web"},
        },
        at=NOW,
    ),
    VaultRef(subscription=SUBSCRIPTION, group="rg-backup", name="vault-main"),
    "GET job",
)


def known(value: Any) -> Known[Any]:
    return Known(value, "GET it", NOW)


def row(**properties: Any) -> dict[str, Any]:
    container = VAULT + "/backupFabrics/Azure/protectionContainers"
    native = "iaasvmcontainerv2;rg-app;web"
    return {
        "id": f"{container}/IaasVMContainer;{native}/protectedItems/VM;{native}",
        "name": f"VM;{native}",
        "properties": {
            "protectionState": "Protected",
            "policyId": POLICY,
            "virtualMachineId": VM,
            **properties,
        },
    }


def facts(**read: Any) -> Facts:
    return Facts(subject=JOB.subject, job=JOB, failure=classify(JOB, Dictionary()), **read)


EXTENDED = st.dictionaries(
    st.text(min_size=1).filter(lambda name: name != "diskExclusionProperties"),
    st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers()),
    max_size=4,
)


@given(EXTENDED)
def test_what_the_tool_does_not_understand_of_an_item_goes_back_as_it_was(
    unknown: dict[str, Any],
) -> None:
    extended = unknown | LEFT_OUT
    running = item.parse(row(extendedProperties=extended))
    stopped = item.parse(row(extendedProperties=extended, protectionState="ProtectionStopped"))
    choice = PolicyChoice(chosen=POLICY, because="so", policies=(POLICY,))
    nowhere = known(Whereabouts(same=(), alike=(), subscriptions=1))
    machine = known(vm.parse({"id": VM, "name": "web"}))
    large = disks.parse(
        DataDisk(lun=1, name="d", size_gb=70000, managed_id=None, write_accelerated=False), None
    )
    gone = Absent("GET vm", NOW)
    plans = (
        ResumeProtection().plan(
            facts(
                item=known(stopped), other_items=known(()), vm=machine, policy_choice=known(choice)
            )
        ),
        StopProtectionKeepData().plan(
            facts(item=known(running), vm=gone, whereabouts=nowhere, jobs=known(()))
        ),
        ExcludeDisks(which="too-large").plan(facts(item=known(running), disks=known((large,)))),
        TakeAllDisks().plan(facts(item=known(running))),
    )
    for plan in plans:
        [step] = plan
        assert isinstance(step, Change)
        put = (step.request.body or {})["properties"]["extendedProperties"]
        assert {name: put[name] for name in unknown} == unknown
        assert set(put) == set(extended)


MACHINES = st.lists(
    st.builds(
        lambda name, group, unique: {
            "id": VM.replace("rg-app", group).replace("/web", f"/{name}"),
            "name": name,
            "properties": {"vmId": unique} if unique else {},
        },
        st.sampled_from(("web", "WEB", "web1")),
        st.sampled_from(("rg-app", "RG-APP", "rg-b", "rg-c")),
        st.sampled_from(("", "A", "a", "b")),
    ),
    max_size=5,
)


@given(MACHINES, st.sampled_from((frozenset(), frozenset({"a"}), frozenset({"b", "c"}))))
def test_a_vm_that_was_or_may_have_been_moved_is_never_stopped(
    machines: list[dict[str, Any]], own: frozenset[str]
) -> None:
    where = whereabouts.parse(machines, VM, own, 1)
    [step] = StopProtectionKeepData().plan(
        facts(
            item=known(item.parse(row())),
            vm=Absent("GET vm", NOW),
            whereabouts=known(where),
            jobs=known(()),
        )
    )
    others = [m for m in machines if not ids.same(m["id"], VM)]
    unique = [m["properties"].get("vmId", "").lower() for m in others]
    named = [m["name"].lower() == "web" for m in others]
    moved = any(u and u in own for u in unique)
    unclear = any(n and not (u and own) for n, u in zip(named, unique, strict=True))
    assert step.kind == ("manual" if moved else "held" if unclear else "change")


@pytest.mark.parametrize("missing", ["vm", "whereabouts", "item", "jobs"])
def test_what_is_not_known_stops_nothing(missing: str) -> None:
    read = {
        "item": known(item.parse(row())),
        "vm": Absent("GET vm", NOW),
        "whereabouts": known(Whereabouts(same=(), alike=(), subscriptions=1)),
        "jobs": known(()),
        missing: Unknown("403 on GET it"),
    }
    [step] = StopProtectionKeepData().plan(facts(**read))
    assert step.kind == "held"
    assert "403" in step.why[0]


@pytest.mark.parametrize("only_these", [True, False])
def test_a_choice_of_disks_is_kept_whichever_way_it_is_told(only_these: bool) -> None:
    chosen = {"diskLunList": [1, 3], "isInclusionList": only_these}
    found = item.parse(row(extendedProperties={"diskExclusionProperties": chosen}))
    over = tuple(
        disks.parse(
            DataDisk(
                lun=lun, name=f"d{lun}", size_gb=70000, managed_id=None, write_accelerated=False
            ),
            None,
        )
        for lun in (1, 2)
    )
    [step] = ExcludeDisks(which="too-large").plan(facts(item=known(found), disks=known(over)))
    assert isinstance(step, Change)
    put = (step.request.body or {})["properties"]["extendedProperties"]["diskExclusionProperties"]
    assert put == {
        "diskLunList": [3] if only_these else [1, 2, 3],
        "isInclusionList": only_these,
    }
    how = "include" if only_these else "exclude"
    assert step.undo.endswith(f"--disk-list-setting {how} --diskslist 1 3")


@pytest.mark.parametrize(
    ("told", "answered", "kind"),
    [
        ("V2", Unknown("not read"), "change"),
        ("V1", known(policy.parse({"properties": {"policyType": "V2"}})), "held"),
        ("", known(policy.parse({"properties": {"policyType": "V2"}})), "change"),
        ("", known(policy.parse({"properties": {}})), "held"),
        (None, Unknown("403 on GET it"), "held"),
        (None, Absent("GET policy", NOW), "held"),
    ],
)
def test_a_shared_disk_is_left_out_only_if_the_policy_is_known_to_be_enhanced(
    told: str | None, answered: Thing[Policy], kind: str
) -> None:
    found = item.parse(row(**({} if told is None else {"policyType": told})))
    shared = Disk(
        lun=1, name="d", size_gb=4, kind="Premium_LRS", shared=True, write_accelerated=False
    )
    read = facts(item=known(found), disks=known((shared,)), policy=answered)
    [step] = ExcludeDisks(which="shared").plan(read)
    assert step.kind == kind


def test_actions_of_a_job_do_not_say_that_it_can_be_cancelled_now() -> None:
    """Recorded: `actionsInfo` is [1] in every backup job, also in completed ones."""
    states = [
        ("Completed", "Completed", "Completed"),
        ("InProgress", "Completed", "InProgress"),
        ("InProgress", "Completed", "NotStarted"),
        ("Cancelling", "InProgress", "NotStarted"),
        ("InProgress", "InProgress", "NotStarted"),
    ]
    found = []
    for status, snapshot, transfer in states:
        tasks = [
            {"taskId": "Take Snapshot", "status": snapshot},
            {"taskId": "Transfer data to vault", "status": transfer},
        ]
        told = {"status": status, "actionsInfo": [1], "extendedInfo": {"tasksList": tasks}}
        job = parse_job(Answer(body={"properties": told}, at=NOW), JOB.vault, "GET job")
        assert job.offers_cancel
        found.append(job.cancellable)
    assert found == [False, False, False, False, True]
