"""A discovery of VMs, followed to its end: with only a Location, it has no poller in the SDK."""

import asyncio
from typing import Any

from azure.core.exceptions import AzureError as SdkError

from remediator.azure.errors import explain
from remediator.azure.retry import retry_after
from remediator.ids import ResourceId
from remediator.patience import LONGEST_PAUSE

FABRIC = "Azure"
_ACCEPTED = 202


async def discover(backup: Any, vault: ResourceId, only: str, poll: float, **options: Any) -> None:
    """Start a discovery in a vault and wait until it has ended.

    Args:
        backup: the client of Azure Backup.
        vault: where.
        only: of what kind of machines.
        poll: seconds between two looks, where Azure asks for no other.
        options: of the request that starts it.

    Raises:
        azure.core.exceptions.AzureError: it could not be started.
        AzureError: it failed, or how it ended cannot be read.
    """
    answer = await backup.protection_containers.refresh(
        vault.name, vault.group, FABRIC, filter=only, cls=_response, **options
    )
    operation = str(answer.headers.get("Location", "")).split("?", 1)[0].rsplit("/", 1)[-1]
    results = backup.protection_container_refresh_operation_results
    while operation and answer.status_code == _ACCEPTED:
        await asyncio.sleep(min(retry_after(answer.headers) or poll, LONGEST_PAUSE))
        try:
            answer = await results.get(vault.name, vault.group, FABRIC, operation, cls=_response)
        except SdkError as error:
            told = explain(error, f"the discovery in {vault}", sent=True)
            # It was taken on; what is refused now is only its result.
            told.arrived = True if told.arrived is False else None
            raise told from error


def _response(answer: Any, _body: object, _headers: object) -> Any:
    return answer.http_response
