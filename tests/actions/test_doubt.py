"""If a fact leaves something open, an action does less: it plans no change."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from remediator.actions.cancel_job import CancelJob
from remediator.actions.exclude_disks import undo_command
from remediator.actions.revoke_disk_access import RevokeDiskAccess
from remediator.actions.start_vm import StartVm
from remediator.actions.stop_protection_keep_data import StopProtectionKeepData
from remediator.actions.wait_for_job import WaitForJob
from remediator.conditions import CONDITIONS, State
from remediator.facts import (
    Absent,
    Collection,
    DiskPoint,
    Known,
    Point,
    Policy,
    PowerState,
    Source,
    Unknown,
    Whereabouts,
)
from remediator.inspect import collections, item, vm
from remediator.inspect.jobs import parse_row
from remediator.reading import Answer, Query
from tests.one_job import GROUPS, NOW, VAULT, VM, facts

GROUP = f"{GROUPS}/AzureBackupRG_westeurope_1"
COLLECTION = f"{GROUP}/providers/Microsoft.Compute/restorePointCollections/AzureBackup_web_1"
UNREAD = Unknown("403 on GET it")


def known(value: Any) -> Known[Any]:
    return Known(value, "GET it", NOW)


def running(start: str, status: str = "InProgress") -> Any:
    return parse_row(
        {
            "id": f"{VAULT.id}/backupJobs/job-0002",
            "name": "job-0002",
            "properties": {
                "operation": "Backup",
                "status": status,
                "startTime": start,
                "containerName": "iaasvmcontainerv2;rg-app;web",
                "actionsInfo": [1],
                "extendedInfo": {"tasksList": [{"taskId": "Take Snapshot", "status": status}]},
            },
        }
    )


# --- jobs ---------------------------------------------------------------------------------------


def test_a_vault_that_cannot_be_read_is_not_one_without_jobs() -> None:
    asked = facts(jobs=known(()), other_jobs=UNREAD)
    assert CONDITIONS["running_job"].derive(asked) == UNREAD
    for action in (CancelJob(), WaitForJob()):
        [step] = action.plan(asked)
        assert step.kind == "held"
        assert "403" in step.why[0]


def test_the_protection_of_a_vm_goes_on_while_another_vault_may_be_restoring_it() -> None:
    gone = facts(
        vm=Absent("GET vm", NOW),
        item=known(
            item.parse({"id": f"{VAULT.id}/x", "properties": {"protectionState": "Protected"}})
        ),
        whereabouts=known(Whereabouts(same=(), alike=(), subscriptions=1)),
        jobs=known(()),
        other_jobs=UNREAD,
    )
    assert Source.OTHER_JOBS in StopProtectionKeepData.needs
    [step] = StopProtectionKeepData().plan(gone)
    assert step.kind == "held"


@pytest.mark.parametrize(
    ("start", "kind"),
    [("2026-01-01T09:00:00Z", "change"), ("2026-01-01T12:00:00Z", "held")],
)
def test_a_job_that_began_after_the_failure_is_not_cancelled_for_it(start: str, kind: str) -> None:
    [step] = CancelJob().plan(facts(jobs=known((running(start),)), other_jobs=known(())))
    assert step.kind == kind


@pytest.mark.parametrize(
    ("status", "runs"),
    [("Completed", False), ("Cancelled", False), ("Cancelling", True), ("Queued", True)],
)
def test_a_job_whose_status_nobody_knows_has_not_ended(status: str, runs: bool) -> None:
    assert running("2026-01-01T12:00:00Z", status).running is runs


# --- the VM -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "started", "kind"),
    [
        ("Succeeded", None, "change"),
        ("Updating", None, "held"),
        ("Updating", PowerState.DEALLOCATED, "change"),
    ],
)
def test_a_vm_that_somebody_else_may_be_starting_is_not_started_to_be_stopped_again(
    state: str, started: PowerState | None, kind: str
) -> None:
    """The run's own start of the VM, while it is under way, is not somebody else's start."""
    machine = vm.parse(
        {
            "id": VM,
            "name": "web",
            "properties": {
                "provisioningState": state,
                "instanceView": {"statuses": [{"code": "PowerState/deallocated"}]},
            },
        }
    )
    read = facts(vm=known(machine), locks=known(()), jobs=known(()), started=started)
    [step] = StartVm().plan(read)
    assert step.kind == kind


# --- restore points -----------------------------------------------------------------------------

POLICY = Policy(id="p", instant_retention_days=2, group_prefix=None, group_suffix=None)


@pytest.mark.parametrize(
    ("policy", "kind"),
    [
        (known(POLICY), "change"),
        (known(POLICY.model_copy(update={"instant_retention_days": None})), "held"),
        (Absent("GET policy", NOW), "held"),
        (UNREAD, "held"),
    ],
)
def test_nobody_loses_access_while_it_is_not_known_which_points_are_old(
    policy: Any, kind: str
) -> None:
    point = Point(
        id=f"{COLLECTION}/restorePoints/p",
        name="p",
        collection_id=COLLECTION,
        created=NOW - timedelta(days=1),
        consistency="x",
    )
    disk = DiskPoint(id=f"{point.id}/diskRestorePoints/d", name="d", point_id=point.id)
    read = facts(
        points=known((point,)),
        disk_points=known((disk,)),
        policy=policy,
        locks=known(()),
        jobs=known(()),
    )
    [step] = RevokeDiskAccess().plan(read)
    assert step.kind == kind
    [step] = RevokeDiskAccess(which="all").plan(replace(read, policy=UNREAD))
    assert step.kind == "change"


class _Told:
    """A reader that answers every query with one body."""

    def __init__(self, body: dict[str, Any] | None) -> None:
        self._answer = Answer(body=body, at=NOW)

    async def get(self, _query: Query) -> Answer:
        return self._answer


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"properties": {"restorePoints": []}}, ()),
        (None, None),
        ({"properties": {}}, None),
        ({"properties": {"restorePoints": None}}, None),
    ],
)
def test_a_collection_that_does_not_tell_its_points_is_not_empty(
    body: dict[str, Any] | None, found: tuple[Point, ...] | None
) -> None:
    """Deleting the collection as empty would also delete points that Azure did not list."""
    one = Collection(id=COLLECTION, name="AzureBackup_web_1", group="g", service_group=True)

    async def ask(_source: Source) -> Any:
        return known((one,))

    def asked(source: Source) -> Awaitable[Any]:
        return ask(source)

    reader: Any = _Told(body)
    points = asyncio.run(collections.look_at_points(reader, facts(), asked))
    assert (points.value if isinstance(points, Known) else None) == found
    word = CONDITIONS["restore_points"].derive(facts(points=points))
    assert isinstance(word, State) == (found is not None)


# --- undo ---------------------------------------------------------------------------------------


def test_the_choice_of_disks_is_undone_with_flags_that_the_command_has() -> None:
    """`az backup protection update-for-vm` takes no --backup-management-type."""
    container = f"{VAULT.id}/backupFabrics/Azure/protectionContainers/IaasVMContainer;n"
    parsed = item.parse({"id": f"{container}/protectedItems/VM;n", "properties": {}})
    assert "--backup-management-type" not in undo_command(parsed)
