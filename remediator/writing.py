"""What the domain asks of Azure when it changes something: a Writer, held only while applying."""

from typing import Protocol

from remediator.step import Change
from remediator.value import Value


class Receipt(Value):
    """What Azure answered to a change that it carried out or accepted."""

    status: int
    correlation_id: str | None
    operation_url: str | None = None
    """Where the trigger of a backup can be followed; other operations were followed to the end."""
    retry_after: float | None = None
    output: str = ""
    """What Run Command brought back from the guest: not to be trusted, only to be read."""


class Writer(Protocol):
    """Sends one change to Azure, and follows its long-running operation to the end."""

    async def send(self, change: Change) -> Receipt:
        """Carry a change out.

        Raises:
            AzureError: it was refused or failed; `arrived` says whether it may have had an effect.
        """
        ...
