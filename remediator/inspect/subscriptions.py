"""The subscriptions in scope: by id, by name, below a management group, or all that are visible."""

from collections.abc import Iterator, Sequence
from typing import Any

from remediator import ids
from remediator.errors import BadInputError
from remediator.inspect.wire import text
from remediator.reading import Api, Query, Reader


async def subscriptions_in(
    reader: Reader, named: Sequence[str], management_groups: Sequence[str] = ()
) -> list[str]:
    """The ids of the subscriptions in scope, each once, in a fixed order.

    A subscription that is disabled or deleted is left out of the visible ones: nothing can be
    backed up there.

    Args:
        reader: reads Azure.
        named: ids or names. If there is none, and no group either, all that the identity sees.
        management_groups: the names of management groups.

    Raises:
        BadInputError: a name is that of no visible subscription, or of several.
        AzureError: the subscriptions could not be listed.
    """
    for group in management_groups:
        if not ids.is_segment(group):
            raise BadInputError(f"--management-group {group!r} is not a name")
    found = [each for group in management_groups for each in await _below(reader, group)]
    if named and all(ids.is_guid(each) for each in named):
        found += named
    elif named or not management_groups:
        rows, _ = await reader.pages(Query(api=Api.SUBSCRIPTIONS, path="/subscriptions"))
        found += [_called(rows, each) for each in named] if named else _working(rows)
    return list({ids.folded(each): each for each in found}.values())


def _working(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        found = text(row, "subscriptionId")
        if found and text(row, "state").lower() not in ("disabled", "deleted"):
            yield found


def _called(rows: Sequence[dict[str, Any]], name: str) -> str:
    if ids.is_guid(name):
        return name
    found = [
        text(row, "subscriptionId") for row in rows if ids.same_name(text(row, "displayName"), name)
    ]
    if len(found) != 1:
        many = f"{len(found)} subscriptions are" if found else "no subscription that you see is"
        raise BadInputError(f"--subscription {name!r}: {many} called so; give the id")
    return found[0]


async def _below(reader: Reader, group: str) -> list[str]:
    """The subscriptions below a management group, at any depth.

    Source: "Management Groups - Get Descendants" (REST, 2020-05-01): an entry's type tells
    subscriptions and groups apart, and a subscription's name is its id.
    """
    path = f"/providers/Microsoft.Management/managementGroups/{group}/descendants"
    rows, _ = await reader.pages(Query(api=Api.MANAGEMENT_GROUPS, path=path))
    return [
        text(row, "name")
        for row in rows
        if text(row, "type").lower().endswith("/subscriptions") and text(row, "name")
    ]
