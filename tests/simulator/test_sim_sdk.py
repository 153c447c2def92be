"""Microsoft's own clients work with the simulator, including their waits."""

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable
from typing import Any, Self

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError, ResourceExistsError
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.compute.aio import ComputeManagementClient
from azure.mgmt.recoveryservicesbackup.aio import RecoveryServicesBackupClient
from azure.mgmt.resource.locks.aio import ManagementLockClient
from azure.mgmt.resource.resources.aio import ResourceManagementClient

from .client import Client
from .conftest import Play, Start


class Credential:
    def __init__(self, token: str) -> None:
        self._token = token

    async def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return AccessToken(self._token, 4_000_000_000)

    async def close(self) -> None:
        return None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_details: object) -> None:
        return None


class AllowHttp(SansIOHTTPPolicy[Any, Any]):
    def on_request(self, request: PipelineRequest[Any]) -> None:
        request.context.options.setdefault("enforce_https", False)


def connect(kind: Any, client: Client) -> Any:
    return kind(
        Credential(client.cloud.token),
        client.subscription,
        base_url=client.cloud.url,
        per_call_policies=[AllowHttp()],
        polling_interval=0,
    )


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await work()
        await asyncio.sleep(0)

    asyncio.run(whole())


async def all_of(listed: AsyncIterable[Any]) -> list[Any]:
    """All entries of a list, page after page."""
    return [each async for each in listed]


def parts(arm_id: str) -> tuple[str, str]:
    segments = arm_id.split("/")
    return segments[4], segments[8]


def test_a_locked_collection_is_freed_and_deleted(start: Start) -> None:
    client = start("limit-reached", time="fast", speed=600)

    async def work() -> None:
        async with (
            connect(ComputeManagementClient, client) as compute,
            connect(ManagementLockClient, client) as locks,
        ):
            found = await all_of(compute.restore_point_collections.list_all())
            group, name = parts(found[0].id)
            assert group == "AZUREBACKUPRG_WESTEUROPE_1"
            full = await compute.restore_point_collections.get(group, name, expand="restorePoints")
            assert len(full.properties.restore_points) == 18
            assert full.properties.restore_points[0].properties.time_created.year >= 2026
            with pytest.raises(ResourceExistsError) as refused:
                await compute.restore_point_collections.begin_delete(group, name)
            assert refused.value.error is not None
            assert refused.value.error.code == "ScopeLocked"
            scope = client.group("AzureBackupRG_westeurope_1")
            held = await all_of(locks.management_locks.list_by_scope(scope))
            assert [(lock.name, lock.level) for lock in held] == [("keep", "CanNotDelete")]
            await locks.management_locks.delete_by_scope(scope, "keep")
            for attempt in range(3):
                poller = await compute.restore_point_collections.begin_delete(group, name)
                if attempt < 2:
                    with pytest.raises(HttpResponseError, match="InternalExecutionError"):
                        await poller.result()
                else:
                    await poller.result()
            left = await all_of(compute.restore_point_collections.list_all())
            assert len(left) == 1

    run(work)


def test_a_stuck_extension_and_a_reapply(start: Start) -> None:
    client = start("extension-stuck", time="fast", speed=6000)

    async def work() -> None:
        async with connect(ComputeManagementClient, client) as compute:
            listed = await compute.virtual_machine_extensions.list("rg-app", "web")
            states = {each.name: each.provisioning_state for each in listed.value}
            assert states["VMSnapshot"] == "Deleting"
            poller = await compute.virtual_machine_extensions.begin_delete(
                "rg-app", "web", "VMSnapshot"
            )
            await poller.result()
            await (await compute.virtual_machines.begin_reapply("rg-app", "web")).result()
            vm = await compute.virtual_machines.get("rg-app", "web", expand="instanceView")
            assert vm.instance_view.vm_agent.statuses[0].display_status == "Ready"
            brief = await all_of(compute.virtual_machines.list_all(status_only="true"))
            assert brief[0].instance_view.statuses[1].code == "PowerState/running"

    run(work)


def test_a_backup_is_triggered_and_followed(start: Start) -> None:
    client = start("healthy")

    async def work() -> None:
        async with (
            connect(RecoveryServicesBackupClient, client) as backup,
            connect(ResourceManagementClient, client) as resources,
        ):
            vaults = await all_of(
                resources.resources.list(
                    filter="resourceType eq 'Microsoft.RecoveryServices/vaults'"
                )
            )
            group, vault = parts(vaults[0].id)
            items = await all_of(
                backup.backup_protected_items.list(
                    vault, group, filter="backupManagementType eq 'AzureIaasVM'"
                )
            )
            container = items[0].id.split("/")[12]
            headers = await backup.backups.trigger(
                vault,
                group,
                "Azure",
                container,
                items[0].name,
                {"properties": {"objectType": "IaasVMBackupRequest"}},
                cls=lambda response, *_: dict(response.http_response.headers),
            )
            operation = headers["Azure-AsyncOperation"].partition("?")[0].rpartition("/")[2]
            client.cloud.advance(3600)
            status = await backup.backup_operation_statuses.get(vault, group, operation)
            job = await backup.job_details.get(vault, group, status.properties.job_id)
            assert job.properties.status == "Completed"
            assert job.properties.is_user_triggered is None
            assert job.properties.actions_info == ["Cancellable"]
            rows = await all_of(
                backup.backup_jobs.list(vault, group, filter="status eq 'Completed'")
            )
            assert rows[0].name == job.name
            points = await all_of(
                backup.recovery_points.list(vault, group, "Azure", container, items[0].name)
            )
            tiers = points[0].properties.recovery_point_tier_details
            assert [(tier.type, tier.status) for tier in tiers] == [
                ("InstantRP", "Valid"),
                ("HardenedRP", "Valid"),
            ]
            found = await backup.backup_status.get(
                "westeurope", {"resourceType": "VM", "resourceId": client.vm()}
            )
            assert found.protection_status == "Protected"

    run(work)


SURROUNDED = """
vaults: [{name: vault-main}]
vms:
  - name: web
    reboot_pending: true
    protection: {vault: vault-main}
    disks: [{lun: 1, size_gb: 256, shared: true}]
    collection: {points: {count: 2, sas: 1, mounted_newest: 1}}
    guest: {answers: [{stdout: hello}]}
"""


def test_disks_their_points_and_what_is_printed(play: Play) -> None:
    client = play(SURROUNDED, time="fast", speed=600)

    async def work() -> None:
        async with connect(ComputeManagementClient, client) as compute:
            vm = await compute.virtual_machines.get("rg-app", "web", expand="instanceView")
            summary = vm.instance_view.patch_status.available_patch_summary
            assert summary.reboot_pending is True
            [attached] = vm.storage_profile.data_disks
            disk = await compute.disks.get("rg-app", attached.name)
            assert (disk.disk_size_gb, disk.max_shares) == (256, 2)
            used = {each.name.value: each async for each in compute.usage.list("westeurope")}
            assert used["virtualMachines"].current_value == 1
            group, name = parts(client.collection())
            whole = await compute.restore_point_collections.get(group, name, expand="restorePoints")
            oldest = min(whole.restore_points, key=lambda point: point.time_created)
            with pytest.raises(HttpResponseError, match="EndGetAccess"):
                await (await compute.restore_points.begin_delete(group, name, oldest.name)).result()
            points = compute.disk_restore_point
            disks = [
                each.name async for each in points.list_by_restore_point(group, name, oldest.name)
            ]
            assert len(disks) == 2
            for each in disks:
                ended = await points.begin_revoke_access(group, name, oldest.name, each)
                await ended.result()
            await (await compute.restore_points.begin_delete(group, name, oldest.name)).result()
            asked = {"commandId": "RunPowerShellScript", "script": ["hostname"]}
            printed = await compute.virtual_machines.begin_run_command("rg-app", "web", asked)
            assert (await printed.result()).value[0].message == "hello"

    run(work)


def test_files_are_no_longer_recovered(play: Play) -> None:
    client = play(SURROUNDED, time="fast", speed=600)

    async def work() -> None:
        async with connect(RecoveryServicesBackupClient, client) as backup:
            item = client.item().split("/")
            path = ("vault-main", "rg-backup", "Azure", item[-3], item[-1])
            points = await all_of(backup.recovery_points.list(*path))
            newest = max(points, key=lambda point: point.properties.recovery_point_time)
            assert newest.properties.is_instant_ilr_session_active is True
            await backup.item_level_recovery_connections.revoke(*path, newest.name)
            client.cloud.advance(10)
            point = await backup.recovery_points.get(*path, newest.name)
            assert point.properties.is_instant_ilr_session_active is False

    run(work)
