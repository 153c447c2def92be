"""The port through which the domain reads Azure: a Reader. It has no way to write."""

from collections.abc import Callable, Collection, Iterable
from enum import StrEnum
from typing import Any, Protocol

from pydantic import AwareDatetime

from remediator.value import Value


class Api(StrEnum):
    """The Azure APIs in use. Each has one version per cloud, kept in `azure.versions`."""

    BACKUP = "Microsoft.RecoveryServices/backup"
    COMPUTE = "Microsoft.Compute"
    DISKS = "Microsoft.Compute/disks"
    LOCKS = "Microsoft.Authorization/locks"
    RESOURCES = "Microsoft.Resources"
    SUBSCRIPTIONS = "Microsoft.Resources/subscriptions"
    MANAGEMENT_GROUPS = "Microsoft.Management"
    KEY_VAULT = "Microsoft.KeyVault"
    ROLES = "Microsoft.Authorization/roleAssignments"
    PERMISSIONS = "Microsoft.Authorization/permissions"
    POLICY = "Microsoft.Authorization/policyAssignments"
    NETWORK = "Microsoft.Network"
    STORAGE = "Microsoft.Storage"
    METRICS = "Microsoft.Insights/metrics"


class Query(Value):
    """One reading request: the path below the ARM endpoint, and its query."""

    api: Api
    path: str
    params: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        query = "&".join(f"{name}={value}" for name, value in self.params)
        return f"GET {self.path}" + (f"?{query}" if query else "")


class Answer(Value):
    """The answer of Azure to a query, unaltered, with the time by Azure's own clock."""

    body: dict[str, Any] | None
    """None when the thing does not exist (404). That is an answer and no error."""
    at: AwareDatetime
    retry_after: float | None = None
    """Seconds that Azure asks to wait before looking again."""


Keys = Callable[[dict[str, Any]], Iterable[str]]
"""The keys of a row of a list, such as the names that it may give a VM."""


class Reader(Protocol):
    """Reads Azure. Its transport refuses every request that could change something."""

    @property
    def shared(self) -> bool:
        """Whether what is read once serves many VMs.

        Then the whole list of a vault costs less than a narrow list for each VM.
        """
        ...

    async def get(self, query: Query) -> Answer:
        """Read one thing.

        Raises:
            AzureError: Azure refused, failed, or did not answer; 404 raises nothing.
        """
        ...

    async def pages(self, query: Query) -> tuple[list[dict[str, Any]], Answer]:
        """Read all pages of a list. The answer is that of the last page.

        Raises:
            AzureError: any page could not be read. Half a list is never returned.
        """
        ...

    async def pages_with(
        self, query: Query, keys: Keys, wanted: Collection[str]
    ) -> tuple[list[dict[str, Any]], Answer]:
        """The rows of a list that have a wanted key, in the order of the list.

        Args:
            query: the list.
            keys: the keys of a row. It is the same function each time that the list is asked for.
            wanted: the keys that are looked for.

        Raises:
            AzureError: as for `pages`.
        """
        ...

    async def follow(self, url: str) -> Answer:
        """Look once at an operation's status address, as Azure gave it.

        Raises:
            AzureError: Azure refused or failed, or the address lies outside the configured
                endpoint.
        """
        ...

    async def vaults(self, subscription: str) -> list[str]:
        """The ids of a subscription's Recovery Services vaults."""
        ...
