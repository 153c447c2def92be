"""The SDK's management clients on one pipeline. Each is imported and made on its first use."""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from remediator.azure.clouds import Cloud
from remediator.azure.credentials import SharedCredential
from remediator.azure.versions import Versions
from remediator.reading import Api

if TYPE_CHECKING:
    from azure.mgmt.compute.aio import ComputeManagementClient
    from azure.mgmt.recoveryservicesbackup.aio import RecoveryServicesBackupClient
    from azure.mgmt.resource.locks.aio import ManagementLockClient
    from azure.mgmt.resource.resources.aio import ResourceManagementClient


class SdkClients:
    """Management clients per subscription. They share credential, transport and rate limit."""

    def __init__(
        self,
        cloud: Cloud,
        versions: Versions,
        credential: SharedCredential,
        policies: Callable[[], list[Any]],
        transport: Any,
    ) -> None:
        self._cloud = cloud
        self.versions = versions
        self._credential: Any = credential
        self._policies = policies
        self._transport = transport
        # Cached per instance, not on the class: the clients end with their session.
        self.compute = cache(self._compute)
        self.backup = cache(self._backup)
        self.locks = cache(self._locks)
        self.resources = cache(self._resources)

    def _common(self) -> dict[str, Any]:
        # A pipeline links its policies to one another, so each client gets its own list.
        return {
            "base_url": self._cloud.endpoint,
            "credential_scopes": [self._cloud.scope],
            "policies": self._policies(),
            "transport": self._transport,
        }

    def _compute(self, subscription: str) -> "ComputeManagementClient":
        from azure.mgmt.compute.aio import ComputeManagementClient

        return ComputeManagementClient(self._credential, subscription, **self._common())

    def _backup(self, subscription: str) -> "RecoveryServicesBackupClient":
        from azure.mgmt.recoveryservicesbackup.aio import RecoveryServicesBackupClient

        return RecoveryServicesBackupClient(
            self._credential, subscription, api_version=self.versions[Api.BACKUP], **self._common()
        )

    def _locks(self, subscription: str) -> "ManagementLockClient":
        from azure.mgmt.resource.locks.aio import ManagementLockClient

        return ManagementLockClient(
            self._credential, subscription, api_version=self.versions[Api.LOCKS], **self._common()
        )

    def _resources(self, subscription: str) -> "ResourceManagementClient":
        from azure.mgmt.resource.resources.aio import ResourceManagementClient

        return ResourceManagementClient(
            self._credential,
            subscription,
            api_version=self.versions[Api.RESOURCES],
            **self._common(),
        )
