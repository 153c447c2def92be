"""Pages of a list, joined by ``nextLink``."""

import base64
import binascii

from remediator.simulator.reply import ArmError, Json, Reply
from remediator.simulator.routing import Call


def page(call: Call, rows: list[Json]) -> Reply:
    """Answer one page of rows. The token in the link tells where the next page starts."""
    size = call.world.page_size
    start = _position(call.query.get("$skiptoken", ""))
    if call.fault("half-page"):
        size = max(1, min(size, len(rows) - start) // 2)
    body: Json = {"value": rows[start : start + size]}
    if start + size < len(rows):
        token = base64.urlsafe_b64encode(f"row:{start + size}".encode()).decode()
        kept = {"$filter": call.query["$filter"]} if "$filter" in call.query else {}
        body["nextLink"] = call.link(call.path, **kept, **{"$skipToken": token})
    return Reply(200, body)


def _position(token: str) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("row:"))
    except (ValueError, binascii.Error) as error:
        raise ArmError(400, "InvalidSkipToken", "The skip token is not valid.") from error
