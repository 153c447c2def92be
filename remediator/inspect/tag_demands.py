"""The tags that Azure Policy demands of a new resource group: assignments and definitions."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

from remediator.errors import AzureError
from remediator.facts import Fact, Known, Readings, Source, TagDemand, TagDemands, Thing
from remediator.ids import covers
from remediator.inspect.policy_rule import Demand, Parameters, demands_of, given
from remediator.inspect.wire import dig, items, text
from remediator.reading import Api, Query, Reader

_SETS = "/policysetdefinitions/"
_DEFINITION = re.compile(
    r"(?:/[A-Za-z0-9][A-Za-z0-9._()-]*)*/providers/Microsoft\.Authorization"
    r"/policy(?:Set)?Definitions/[A-Za-z0-9][^/?#%\\\s]*",
    re.IGNORECASE,
)


async def look(
    reader: Reader, about: Readings, _ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[TagDemands]:
    """Read the assignments that apply to the subscription, and each definition once.

    The list also holds the assignments of management groups above and of resource groups below. A
    new group lies directly in the subscription, so assignments below do not count.
    """
    scope = f"/subscriptions/{about.subject.subscription}"
    query = Query(
        api=Api.POLICY, path=f"{scope}/providers/Microsoft.Authorization/policyAssignments"
    )
    rows, answer = await reader.pages(query)
    bodies = _Definitions(reader)
    told = await asyncio.gather(
        *(_demands(bodies, row) for row in rows if _holds(row, scope)),
    )
    return Known(
        TagDemands(
            demands=tuple(demand for demands, _ in told for demand in demands),
            not_understood=tuple(name for _, names in told for name in names),
        ),
        str(query),
        answer.at,
    )


def _holds(row: dict[str, Any], scope: str) -> bool:
    properties = dig(row, "properties")
    at = text(properties, "scope")
    below = at.lower().startswith("/subscriptions/") and not covers(at, scope)
    excluded = dig(properties, "notScopes")
    spared = isinstance(excluded, list) and any(covers(str(each), scope) for each in excluded)
    return not below and not spared and text(properties, "enforcementMode") != "DoNotEnforce"


class _Definitions:
    """Definitions by id. Each is read once, because many assignments share one."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._found: dict[str, asyncio.Task[dict[str, Any] | None]] = {}

    async def get(self, definition_id: str) -> dict[str, Any] | None:
        key = definition_id.lower()
        if key not in self._found:
            self._found[key] = asyncio.ensure_future(self._read(definition_id))
        return await self._found[key]

    async def _read(self, definition_id: str) -> dict[str, Any] | None:
        if not _DEFINITION.fullmatch(definition_id):
            return None
        try:
            answer = await self._reader.get(Query(api=Api.POLICY, path=definition_id))
        except AzureError as error:
            if error.status == 403:
                return None  # the usual reason: it belongs to a management group above
            raise
        return answer.body


async def _demands(
    bodies: _Definitions, assignment: dict[str, Any]
) -> tuple[list[TagDemand], list[str]]:
    """The demands of one assignment, and the names of its policies that are not understood."""
    name = text(assignment, "properties", "displayName") or text(assignment, "name")
    values = _values(dig(assignment, "properties", "parameters"))
    definition_id = text(assignment, "properties", "policyDefinitionId")
    definition = await bodies.get(definition_id)
    if definition is None:
        return [], [f"{name}: its definition {definition_id} cannot be seen"]
    demands: list[TagDemand] = []
    unclear: list[str] = []
    async for part, parameters in _parts(bodies, definition_id, definition, values):
        what = f"{name}: {text(part, 'properties', 'displayName') or text(part, 'name')}"
        match demands_of(dig(part, "properties", "policyRule"), parameters):
            case None:
                unclear.append(what)
            case found:
                demands += [_as_demand(one, name) for one in found]
    return demands, unclear


async def _parts(
    bodies: _Definitions, definition_id: str, definition: dict[str, Any], values: Parameters
) -> AsyncIterator[tuple[dict[str, Any], Parameters]]:
    """The single policies behind a definition, each with its parameters: itself, or its set's."""
    own = _defaults(definition) | values
    if _SETS not in definition_id.lower():
        yield definition, own
        return
    for member in items(definition, "properties", "policyDefinitions"):
        part = await bodies.get(text(member, "policyDefinitionId"))
        if part is None:
            yield {"name": text(member, "policyDefinitionId"), "properties": {}}, {}
            continue
        handed = {
            key: given(value, own) for key, value in _values(dig(member, "parameters")).items()
        }
        yield part, _defaults(part) | handed


def _as_demand(demand: Demand, policy: str) -> TagDemand:
    return TagDemand(tag=demand.tag, values=demand.values, policy=policy)


def _values(parameters: object) -> Parameters:
    return dict(_pairs(parameters, "value"))


def _defaults(definition: dict[str, Any]) -> Parameters:
    return dict(_pairs(dig(definition, "properties", "parameters"), "defaultValue"))


def _pairs(parameters: object, key: str) -> Iterator[tuple[str, Any]]:
    for name, row in parameters.items() if isinstance(parameters, dict) else ():
        if isinstance(row, dict) and key in row:
            yield str(name).lower(), row[key]
