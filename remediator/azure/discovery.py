"""Following a discovery of VMs to its end. It has only a Location, so the SDK has no poller."""

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
        vault: the vault.
        only: the filter for the kind of machines.
        poll: seconds between two looks, if Azure asks for no other interval.
        options: options of the request that starts the discovery.

    Raises:
        azure.core.exceptions.AzureError: the discovery could not be started.
        AzureError: the discovery failed, or its end cannot be read.
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
            # Azure has accepted the discovery. Only its result is refused now.
            told.arrived = True if told.arrived is False else None
            raise told from error


def _response(answer: Any, _body: object, _headers: object) -> Any:
    return answer.http_response
