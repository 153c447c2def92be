"""Finding things by listing: subscriptions and vaults, where a job was given by its bare name."""

from typing import Any

from azure.core.exceptions import AzureError as SdkError

from remediator.azure.errors import explain
from remediator.errors import AzureError

VAULTS_FILTER = "resourceType eq 'Microsoft.RecoveryServices/vaults'"


async def vaults(clients: Any, subscription: str) -> list[str]:
    """The ids of a subscription's Recovery Services vaults, from its resource list."""
    try:
        return [
            resource.id
            async for resource in clients.resources(subscription).resources.list(
                filter=VAULTS_FILTER
            )
            if resource.id
        ]
    except SdkError as error:
        raise explain(
            error, f"list the vaults of subscription {subscription}", sent=False
        ) from error
    except TypeError as error:
        # The SDK takes a list for granted.
        raise AzureError(
            f"the vaults of subscription {subscription} were not answered with a list",
            code="NotAList",
            status=200,
        ) from error
