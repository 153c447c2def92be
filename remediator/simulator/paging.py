"""Pages of a list, joined by ``nextLink``."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar, cast

from remediator.simulator.reply import ArmError, Json, Reply
from remediator.simulator.routing import Call

T = TypeVar("T")


def page(
    call: Call, found: Sequence[T], form: Callable[[T], Json] = lambda row: cast("Json", row)
) -> Reply:
    """Answer one page of what was found. The token in the link tells where the next page starts.

    ``form`` makes a row. It is called for the rows of this page only.
    """
    size = call.world.page_size
    start = _position(call.query.get("$skiptoken", ""))
    if call.fault("half-page"):
        size = max(1, min(size, len(found) - start) // 2)
    body: Json = {"value": [form(each) for each in found[start : start + size]]}
    if start + size < len(found):
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
