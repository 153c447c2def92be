"""Azure Resource Graph, for the simplest queries.

``Resources | where type =~ 'x' and name == 'y' | project id, name | order by name | limit 5``, or
``| count``: it knows the table of resources and these operators only. Other queries are refused as
the service refuses a query that it cannot parse. The wording is documented.
"""

import re
from collections.abc import Callable

from remediator.simulator import ids
from remediator.simulator.reply import ArmError, Json, Reply
from remediator.simulator.resources.routes import resource_rows
from remediator.simulator.routing import Call, Route

_TERM = re.compile(r"(\w+)\s*(==|=~|!=|!~)\s*['\"]([^'\"]*)['\"]")
Rows = list[Json]


def _invalid() -> ArmError:
    return ArmError(
        400,
        "BadRequest",
        "Please provide below info when asking for support.",
        envelope="compute",
        details=[
            {
                "code": "InvalidQuery",
                "message": "Query is invalid. Please refer to the documentation for the Azure "
                "Resource Graph service and fix the error before retrying.",
            }
        ],
    )


def _where(rows: Rows, text: str) -> Rows:
    for part in re.split(r"\s+and\s+", text):
        match = _TERM.fullmatch(part.strip())
        if match is None:
            raise _invalid()
        column, operator, wanted = match.groups()

        def holds(row: Json, column: str = column, sign: str = operator, to: str = wanted) -> bool:
            found = str(row.get(column, ""))
            alike = ids.same(found, to) if sign.endswith("~") else found == to
            return alike != sign.startswith("!")

        rows = [row for row in rows if holds(row)]
    return rows


def _project(rows: Rows, text: str) -> Rows:
    columns = [column.strip() for column in text.split(",")]
    if not all(re.fullmatch(r"\w+", column) for column in columns):
        raise _invalid()
    return [{column: row.get(column) for column in columns} for row in rows]


def _order(rows: Rows, text: str) -> Rows:
    match = re.fullmatch(r"by\s+(\w+)(?:\s+(asc|desc))?", text)
    if match is None:
        raise _invalid()
    column, way = match.groups()
    return sorted(rows, key=lambda row: str(row.get(column, "")), reverse=way != "asc")


def _limit(rows: Rows, text: str) -> Rows:
    if not text.isdecimal():
        raise _invalid()
    return rows[: int(text)]


def _count(rows: Rows, text: str) -> Rows:
    if text:
        raise _invalid()
    return [{"Count": len(rows)}]


_OPERATORS: dict[str, Callable[[Rows, str], Rows]] = {
    "where": _where,
    "project": _project,
    "order": _order,
    "sort": _order,
    "limit": _limit,
    "take": _limit,
    "count": _count,
}


def _query(call: Call) -> Reply:
    """Run a query. It is a POST, but it only reads."""
    asked = call.body or {}
    table, *steps = (part.strip() for part in str(asked.get("query", "")).split("|"))
    if not ids.same(table, "Resources"):
        raise _invalid()
    scope = {str(each).lower() for each in asked.get("subscriptions") or []}
    within = [s.id for s in call.world.subscriptions if not scope or s.id.lower() in scope]
    rows: Rows = [
        row | {"tenantId": call.world.principal.tenant} for row in resource_rows(call.world, within)
    ]
    for step in steps:
        operator, _, text = step.partition(" ")
        if operator not in _OPERATORS:
            raise _invalid()
        rows = _OPERATORS[operator](rows, text.strip())
    body: Json = {
        "totalRecords": len(rows),
        "count": len(rows),
        "data": rows,
        "facets": [],
        "resultTruncated": "false",
    }
    return Reply(200, body)


ROUTES = [
    Route(
        "POST",
        "/providers/Microsoft.ResourceGraph/resources",
        "Microsoft.ResourceGraph/resources/read",
        _query,
        read_like=True,
    ),
]
