"""Reads Azure's loose JSON carefully: a missing value, or one of another type, counts as absent.

Rows of a list are an exception: an unreadable row might be one that must not be overlooked.

This module is the border between the wire and our types. No code behind it handles raw answers.
"""

import re
from datetime import UTC, datetime
from typing import Any

from remediator.errors import UNREADABLE, AzureError

# Azure sends seven decimals, which Python's parser refuses. Sometimes the zone is missing.
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?")


def text(node: object, *path: str) -> str:
    """The string at a path of keys. Empty when there is none."""
    found = dig(node, *path)
    return found if isinstance(found, str) else ""


def dig(node: object, *path: str) -> Any:
    """The value at a path of keys. None when any part is missing."""
    for key in path:
        if not isinstance(node, dict):
            return None
        node = node.get(key)
    return node


def items(node: object, *path: str) -> list[dict[str, Any]]:
    """The objects of the list at a path.

    Raises:
        AzureError: an entry of the list is no object. Such an entry is not skipped.
    """
    found = dig(node, *path)
    if not isinstance(found, list):
        return []
    if not all(isinstance(entry, dict) for entry in found):
        raise AzureError(
            f"an answer cannot be read: an entry of its {'.'.join(path) or 'list'} is not an "
            "object",
            code=UNREADABLE,
            status=200,
        )
    return found


def moment(node: object, *path: str) -> datetime | None:
    """The time at a path, in UTC.

    Azure's "no end yet" (year 1) and "never" (2001-01-01 at midnight, the year 9999) count as
    absent. Any other time outside the years 1901 to 8999 counts as absent too.
    """
    match = _TIME.fullmatch(text(node, *path))
    if not match:
        return None
    base, decimals, zone = match.groups()
    micros = (decimals or "0")[:6].ljust(6, "0")
    offset = "+00:00" if zone in (None, "Z") else zone
    try:
        found = datetime.fromisoformat(f"{base}.{micros}{offset}")
    except ValueError:
        return None
    if not 1900 < found.year < 9000:
        return None
    found = found.astimezone(UTC)
    if found == datetime(2001, 1, 1, tzinfo=UTC):
        return None
    return found


def tags(node: object) -> tuple[tuple[str, str], ...]:
    """The tags of a resource, a group or a subscription."""
    found = dig(node, "tags")
    if not isinstance(found, dict):
        return ()
    return tuple((str(name), str(value)) for name, value in found.items())


def quoted(value: str) -> str:
    """A string as an OData literal."""
    return "'" + value.replace("'", "''") + "'"
