"""The port through which the domain changes Azure: a Writer. It exists only while applying."""

from typing import Protocol

from remediator.change.step import Change
from remediator.value import Value


class Receipt(Value):
    """Azure's answer to a change that it accepted."""

    status: int
    correlation_id: str | None
    operation_url: str | None = None
    """The address for following a triggered backup."""
    retry_after: float | None = None
    token: str | None = None
    """The token for following the operation, from another process too. None when the answer was
    already the end of the operation. It names an address and holds no secret."""


class Writer(Protocol):
    """Sends one change to Azure, and follows the operation that the change began."""

    async def begin(self, change: Change, request_id: str | None = None) -> Receipt:
        """Send a change.

        Args:
            change: what to send.
            request_id: its `x-ms-client-request-id`. None when nobody looks for the change later.

        Raises:
            AzureError: Azure refused it. `arrived` says whether the request may have had an effect.
        """
        ...

    async def finish(self, change: Change, token: str) -> str:
        """Follow a change's operation to its end.

        Returns:
            The answer of a command in the guest; empty for everything else. It must not be trusted,
            only read.

        Raises:
            AzureError: the operation failed, its result could not be seen, or the token names
                another
                host.
        """
        ...
