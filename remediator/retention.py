"""How long the recovery point of an on-demand backup is kept."""

from datetime import date, timedelta
from typing import Final

RETAIN_DAYS: Final = 30
"""Days, as the portal proposes for an on-demand backup ("Back up an Azure VM from the VM
settings")."""

LONGEST: Final = 9999
"""The most days that a policy may keep its daily recovery points (Azure VM support matrix)."""


def retained(since: date, days: int) -> date:
    """The day at whose start a recovery point of `since` expires, kept for `days` whole days."""
    return since + timedelta(days=days + 1)
