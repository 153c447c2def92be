"""Values for the tests of rules: names in any spelling, and the ids of things with such names."""

import string
from datetime import UTC, datetime

from hypothesis import strategies as st

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/AzureBackupRG_westeurope_1"

NAMES = st.text(string.ascii_letters + string.digits + "-_.()", min_size=1, max_size=12).filter(
    lambda name: name not in (".", "..")
)
FLAGS = st.lists(st.booleans(), min_size=1, max_size=7)
"""Which letters are capitals. The pattern repeats; see `recased`."""


def recased(text: str, upper: list[bool]) -> str:
    """The text with other letters in capitals."""
    flags = upper or [False]
    return "".join(c.upper() if flags[n % len(flags)] else c.lower() for n, c in enumerate(text))
