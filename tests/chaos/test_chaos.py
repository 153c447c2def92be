"""The judge of `make chaos` sees what it must see, and a small round breaks no promise."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.administrator import AGENT
from tests.chaos.judge import Case, Round, judge
from tests.chaos.rounds import Played, Wanted, play
from tests.postgres import Postgres

Json = dict[str, Any]

SUB = "/subscriptions/s"
LOCK = f"{SUB}/resourceGroups/g/providers/Microsoft.Authorization/locks/keep"
ITEM = f"{SUB}/resourceGroups/b/providers/Microsoft.RecoveryServices/vaults/v/protectedItems/web"
VM = f"{SUB}/resourceGroups/a/providers/Microsoft.Compute/virtualMachines/web"
COLLECTION = f"{SUB}/resourceGroups/g/providers/Microsoft.Compute/restorePointCollections/c"
AT = "https://management.example"
BACK = {"properties": {"level": "CanNotDelete", "notes": "mine"}}


def change(operation: str, method: str, target: str, **rest: Any) -> Json:
    request = {"method": method, "url": f"{AT}{target}?api-version=1", "body": rest.get("body")}
    return {
        "kind": "change",
        "operation": operation,
        "target": rest.get("about", target),
        "request": request,
        "loses": rest.get("loses", []),
    }


LOCKS = "ManagementLockClient.management_locks"
COMPUTE = "ComputeManagementClient"
PLAN = {
    "job": {"vm_name": "web"},
    "steps": [
        change(f"{LOCKS}.delete_by_scope", "DELETE", LOCK),
        change(f"{COMPUTE}.restore_points.begin_delete", "DELETE", f"{COLLECTION}/points/p1"),
        change(f"{COMPUTE}.virtual_machines.begin_start", "POST", f"{VM}/start", about=VM),
        change("RecoveryServicesBackupClient.backups.trigger", "POST", f"{ITEM}/backup"),
        change(f"{LOCKS}.create_or_update_by_scope", "PUT", LOCK, body=BACK),
        change(f"{COMPUTE}.virtual_machines.begin_deallocate", "POST", f"{VM}/deallocate"),
    ],
}


def request(method: str, path: str, status: int | None = 202, **rest: Any) -> Json:
    return {
        "n": 1,
        "method": method,
        "url": f"{AT}{path}?api-version=1",
        "read_like": method == "GET",
        "body": rest.get("body"),
        "status": status,
        "response": rest.get("response"),
        "response_headers": rest.get("headers", {}),
    }


def state(**other: Any) -> Json:
    found: Json = {
        "jobs": {"web": [{"name": "j0", "status": "Failed", "user_triggered": False}]},
        "vms": [{"name": "web", "power": "deallocated"}],
        "items": [{"vm": "web", "recovery_points": 3}],
        "collections": [{"id": COLLECTION, "source": VM, "points": ["p1", "p2"]}],
        "locks": [{"id": LOCK, "level": "CanNotDelete", "deleted": False}],
    }
    return found | other


DONE = {"name": "j1", "status": "Completed", "user_triggered": True}


def clean() -> Round:
    """A round in which everything went well."""
    report = {
        "verdict": {"ending": "recovered"},
        "outcomes": [{"step": n, "result": "applied"} for n in range(1, 7)],
        "locks_owed": [],
        "locks_left_off": [],
    }
    story = {"run_id": "r1", "state": "ended", "error": None, "plan": PLAN, "report": report}
    return Round(
        cases=(Case("web", copy.deepcopy(PLAN)),),
        log=[
            request("GET", VM, 200),
            request("DELETE", LOCK, 200),
            request("DELETE", f"{COLLECTION}/points/p1"),
            request("POST", f"{VM}/start"),
            request("POST", f"{ITEM}/backup", 503),
            request("POST", f"{ITEM}/backup"),
            request("PUT", LOCK, 201, body=BACK),
            request("POST", f"{VM}/deallocate"),
        ],
        before=state(),
        after=state(
            jobs={"web": [*state()["jobs"]["web"], DONE]},
            collections=[{"id": COLLECTION, "source": VM, "points": ["p2"]}],
        ),
        stories=[copy.deepcopy(story)],
    )


def broken(round_: Round) -> set[str]:
    return {violation.what for violation in judge(round_).violations}


def test_nothing_is_found_where_all_went_well() -> None:
    found = judge(clean())
    assert found.violations == []
    assert found.figures["triggers"] == found.figures["locks on again"] == 1
    assert found.figures["VMs at rest again"] == 1
    assert found.figures["restore points deleted as planned"] == 1


def _again(round_: Round) -> None:
    round_.log.append(request("POST", f"{ITEM}/backup"))


def _again_unanswered(round_: Round) -> None:
    cut = {"carried-out": "True"}
    round_.log.append(request("POST", f"{ITEM}/backup", None, headers=cut))


def _two_jobs(round_: Round) -> None:
    round_.after["jobs"]["web"].append(DONE | {"name": "j2"})


def _outside(round_: Round) -> None:
    round_.log.append(request("POST", f"{VM}/restart", 409))


def _other_body(round_: Round) -> None:
    round_.log.append(request("PUT", LOCK, 201, body={"properties": {"level": "ReadOnly"}}))


def _point_lost(round_: Round) -> None:
    round_.after["collections"][0]["points"] = []


def _collection_lost(round_: Round) -> None:
    round_.after["collections"] = []


def _recovery_point_lost(round_: Round) -> None:
    round_.after["items"] = [{"vm": "web", "recovery_points": 2}]


def _lease_forgotten(round_: Round) -> None:
    round_.after["locks"][0]["deleted"] = True


def _lock_weaker(round_: Round) -> None:
    round_.after["locks"][0]["level"] = "ReadOnly"


def _another_lock(round_: Round) -> None:
    lock = {"id": f"{LOCK}2", "level": "CanNotDelete", "deleted": False}
    round_.before["locks"].append(lock)


def _left_running(round_: Round) -> None:
    round_.after["vms"][0]["power"] = "running"


def _unfinished(round_: Round) -> None:
    round_.stories[0]["state"] = "unfinished"


def _never_begun(round_: Round) -> None:
    round_.stories.clear()


def _no_recovery(round_: Round) -> None:
    round_.after["jobs"]["web"].pop()


PLANTED: dict[str, tuple[Callable[[Round], None], str]] = {
    "a trigger sent twice": (_again, "carried out twice"),
    "a trigger sent twice, the second unanswered": (_again_unanswered, "carried out twice"),
    "two jobs": (_two_jobs, "several backups"),
    "a change outside the plan, though refused": (_outside, "a change outside the plans"),
    "another body": (_other_body, "a change outside the plans"),
    "a point that the plan does not name": (_point_lost, "a restore point is gone"),
    "a collection that the plan does not name": (_collection_lost, "a restore point is gone"),
    "a recovery point": (_recovery_point_lost, "a recovery point is gone"),
    "a lease forgotten": (_lease_forgotten, "a lock is off and not named"),
    "a lock of another level": (_lock_weaker, "a lock is another one"),
    "a lock that no plan names": (_another_lock, "a lock is off that no plan names"),
    "a VM left running": (_left_running, "a VM's power is another one"),
    "an unfinished run": (_unfinished, "a run has not ended"),
    "a run that was never begun": (_never_begun, "a run was never begun"),
    "a recovery that is none": (_no_recovery, "a recovery that is none"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_broken_promise_is_seen(name: str) -> None:
    plant, what = PLANTED[name]
    round_ = clean()
    plant(round_)
    assert what in broken(round_)


def test_a_trigger_that_was_not_accepted_may_be_sent_again() -> None:
    round_ = clean()
    cut = {"carried-out": "False"}
    round_.log.append(request("POST", f"{ITEM}/backup", None, headers=cut))
    refused = {"error": {"code": "BMSUserErrorObjectLocked"}}
    headers = {"carried-out": "True"}
    round_.log.append(request("POST", f"{ITEM}/backup", None, headers=headers, response=refused))
    assert broken(round_) == set()


def test_a_lease_that_is_owed_aloud_is_not_forgotten() -> None:
    round_ = clean()
    _lease_forgotten(round_)
    round_.stories[0]["report"]["locks_owed"] = [{"id": LOCK.upper()}]
    assert broken(round_) == set()
    assert judge(round_).figures["locks owed, and said so"] == 1


def test_what_the_service_cleans_up_is_not_the_tools() -> None:
    round_ = clean()
    _point_lost(round_)
    cleaned = Round(
        (Case("web", PLAN, service_cleans=True),),
        round_.log,
        round_.before,
        round_.after,
        round_.stories,
    )
    assert broken(cleaned) == set()


def test_a_traceback_is_seen() -> None:
    assert broken(replace(clean(), tracebacks=("web-0001.err",))) == {"a traceback"}


def test_a_plan_that_did_not_fit_any_more_need_not_be_begun() -> None:
    round_ = clean()
    _never_begun(round_)
    round_.log[:] = [entry for entry in round_.log if entry["read_like"]]
    round_.after.update(state())
    assert broken(replace(round_, refused=frozenset({"web"}))) == set()


def test_the_power_of_a_vm_that_somebody_replaced_is_his() -> None:
    round_ = clean()
    round_.after["vms"] = []
    assert broken(replace(round_, replaced=frozenset({"web"}))) == set()


BY_HAND = {"headers": {"user-agent": AGENT}}


def test_what_another_administrator_does_is_not_the_tools() -> None:
    round_ = clean()
    item = ITEM.replace("protectedItems/web", "protectedItems/VM;c;g;web")
    for method, path in (("POST", f"{item}/backup"), ("POST", f"{VM}/restart"), ("PUT", LOCK)):
        round_.log.append(request(method, path) | BY_HAND)
    round_.after["jobs"]["web"].append(DONE | {"name": "j2"})
    round_.after["locks"][0]["level"] = "ReadOnly"
    round_.after["vms"][0]["power"] = "running"
    assert broken(round_) == set()


def test_another_administrators_backup_excuses_no_second_one_of_the_tool() -> None:
    round_ = clean()
    item = ITEM.replace("protectedItems/web", "protectedItems/VM;c;g;web")
    round_.log.append(request("POST", f"{item}/backup") | BY_HAND)
    round_.after["jobs"]["web"] += [DONE | {"name": "j2"}, DONE | {"name": "j3"}]
    assert broken(round_) == {"several backups"}


def check(played: Played) -> None:
    assert played.judgement.violations == [], played.folder
    assert played.unplanned == []
    assert played.kills.all


def test_a_small_round_on_sqlite() -> None:
    check(play(Wanted("small", runs=3, kills=2, faults_every=3)))


def test_a_small_round_of_several_in_a_process() -> None:
    check(play(Wanted("small", runs=3, kills=1, together=3, faults_every=4, acts_every=6)))


def test_a_small_round_on_postgresql(postgres: Postgres) -> None:
    wanted = Wanted("small", runs=2, kills=1, server=postgres, stops=1, faults_every=3)
    check(play(wanted))
