"""The caller's permissions at a scope, from the roles that the caller has there or inherits.

This list does not show deny assignments. A permission in the list may still be denied.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

from remediator.errors import AzureError
from remediator.facts import Fact, Known, Unknown
from remediator.facts.grants import Grant
from remediator.inspect.wire import dig, text
from remediator.reading import Api, Query, Reader


async def read_grants(reader: Reader, scopes: Iterable[str]) -> dict[str, Fact[tuple[Grant, ...]]]:
    """The grants at each scope. Grants that cannot be read are unknown."""
    wanted = tuple(dict.fromkeys(scopes))
    found = await asyncio.gather(*(_read(reader, scope) for scope in wanted))
    return dict(zip(wanted, found, strict=True))


async def _read(reader: Reader, scope: str) -> Fact[tuple[Grant, ...]]:
    query = Query(
        api=Api.PERMISSIONS, path=f"{scope}/providers/Microsoft.Authorization/permissions"
    )
    try:
        rows, answer = await reader.pages(query)
    except AzureError as error:
        return Unknown(str(error))
    return Known(tuple(map(parse, rows)), str(query), answer.at)


def parse(row: dict[str, Any]) -> Grant:
    """The permissions of one role assignment."""
    return Grant(
        actions=patterns(row, "actions"),
        not_actions=patterns(row, "notActions"),
        conditional=bool(text(row, "condition")),
    )


def patterns(row: dict[str, Any], key: str) -> tuple[str, ...]:
    """The patterns of permissions under a key. Empty when there is no list."""
    found = dig(row, key)
    return tuple(each for each in found if isinstance(each, str)) if isinstance(found, list) else ()
