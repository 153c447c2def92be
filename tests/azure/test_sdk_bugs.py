"""Bugs of the Azure SDKs that the tool works around. If a test fails here, the bug is fixed."""

import asyncio
from typing import Any

from azure.mgmt.recoveryservicesbackup import models
from azure.mgmt.recoveryservicesbackup.models import RecoveryPointTierType

from remediator.azure.clouds import Cloud
from remediator.azure.credentials import SharedCredential, StaticToken
from remediator.azure.policies import AzureClock, reading_policies
from remediator.azure.ratelimit import Budget
from remediator.azure.sdk import SdkClients
from remediator.azure.versions import VERSIONS
from remediator.reading import Api
from remediator.simulator.process import SimulatorProcess

INTEGERS = {**VERSIONS, Api.BACKUP: "2023-01-01"}
"""Before 2024-04-01 the backup service answers with integers where the API declares words."""


def clients(azure: SimulatorProcess, transport: Any) -> SdkClients:
    cloud = Cloud("custom", azure.url, f"{azure.url}/.default", azure.url, well_known=False)
    credential = SharedCredential(StaticToken(azure.token))
    return SdkClients(
        cloud,
        INTEGERS,
        credential,
        lambda: reading_policies(cloud, credential, Budget(), AzureClock()),
        transport,
    )


def ask(azure: SimulatorProcess, what: str) -> Any:
    """Read the first row of a list with the generated models of the backup SDK."""

    async def first() -> Any:
        from azure.core.pipeline.transport import AioHttpTransport

        async with AioHttpTransport() as transport:
            backup = clients(azure, transport).backup(azure.subscriptions[0])
            rows: Any
            if what == "item":
                rows = backup.backup_protected_items.list("vault-main", "rg-backup")
            else:
                container = "IaasVMContainer;iaasvmcontainerv2;rg-app;web"
                item = "VM;iaasvmcontainerv2;rg-app;web"
                rows = backup.recovery_points.list(
                    "vault-main", "rg-backup", "Azure", container, item
                )
            return await anext(aiter(rows))

    return asyncio.run(first())


def test_a_protected_vm_is_read_as_the_base_class() -> None:
    with SimulatorProcess("limit-reached") as azure:
        item = ask(azure, "item").properties
    assert item["protectedItemType"] == "Microsoft.Compute/virtualMachines"
    assert type(item) is models.ProtectedItem, "the SDK resolves it now: reads may go through it"
    assert not hasattr(item, "virtual_machine_id")


def test_integer_tiers_equal_no_member_of_their_enum() -> None:
    with SimulatorProcess("limit-reached") as azure:
        point = ask(azure, "point").properties
    tier = point["recoveryPointTierDetails"][0]
    assert tier["type"] == 1
    assert all(tier["type"] != member for member in RecoveryPointTierType), "the SDK maps it now"


def test_a_lock_by_scope_is_sent_with_its_slashes_quoted() -> None:
    from azure.core.rest import HttpRequest
    from azure.mgmt.resource.locks.operations import _operations

    request: HttpRequest = _operations.build_management_locks_delete_by_scope_request(
        scope="/subscriptions/s/resourceGroups/g", lock_name="keep"
    )
    assert "%2Fsubscriptions%2Fs" in request.url, "the SDK leaves a scope's slashes alone now"
