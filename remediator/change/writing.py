"""What the domain asks of Azure when it changes something: a Writer, held only while applying."""

from typing import Protocol

from remediator.change.step import Change
from remediator.value import Value


class Receipt(Value):
    """What Azure answered to a change that it accepted."""

    status: int
    correlation_id: str | None
    operation_url: str | None = None
    """Where the trigger of a backup can be followed."""
    retry_after: float | None = None
    token: str | None = None
    """By which the operation that has begun is followed, also by another process; None when the
    answer was the end of it. It names an address, and no secret."""


class Writer(Protocol):
    """Sends one change to Azure, and follows the operation that it began."""

    async def begin(self, change: Change, request_id: str | None = None) -> Receipt:
        """Send a change.

        Args:
            change: what to send.
            request_id: its `x-ms-client-request-id`; None for one that nobody looks for later.

        Raises:
            AzureError: it was refused; `arrived` says whether it may have had an effect.
        """
        ...

    async def finish(self, change: Change, token: str) -> str:
        """Follow a change's operation to its end.

        Returns:
            What a command in the guest answered; empty for everything else. Not to be trusted,
            only to be read.

        Raises:
            AzureError: the operation failed, or what became of it could not be seen. Also when the
                token names another host.
        """
        ...
