"""The state is kept as signed JSON. Rows of others are refused, and no row is ever executed."""

import hashlib
import hmac
import json
from typing import Any

from dbos import Serializer
from dbos._serialization import DBOSPortableJSONSerializer, DefaultSerializer
from sqlalchemy.exc import SQLAlchemyError

from remediator.errors import StateError, UnwrittenError


class SignedJson(Serializer):
    """JSON with a keyed digest before it."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def name(self) -> str:
        """The name of this form in the database."""
        return "remediate_signed_json"

    def serialize(self, data: Any) -> str:
        """The signed text of some data. An exception becomes its type and text."""
        text = json.dumps(data, default=_exception, ensure_ascii=False, separators=(",", ":"))
        return f"{self._sign(text)} {text}"

    def deserialize(self, serialized_data: str) -> Any:
        """The data of a signed text.

        Raises:
            StateError: the text was not signed with this key, or it is nested too deep.
        """
        signature, _, text = serialized_data.partition(" ")
        if not hmac.compare_digest(signature.encode(), self._sign(text).encode()):
            raise StateError(
                "a row of the state was not written by this tool with this key, so it is not "
                "used (the key is REMEDIATE_STATE_KEY, or state.key beside the state)"
            )
        return json.loads(text, object_hook=_back)

    def _sign(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


def _exception(value: object) -> dict[str, list[str]]:
    if isinstance(value, UnwrittenError | SQLAlchemyError):
        raise value  # a failure to keep something is never kept itself: the work is done again
    if isinstance(value, BaseException):
        return {"__error__": [type(value).__name__, str(value)]}
    raise TypeError(f"not JSON: {type(value).__name__}")


def _back(found: dict[str, Any]) -> Any:
    match found:
        case {"__error__": [str(kind), str(text)]}:
            return StateError(f"{kind}: {text}")
        case _:
            return found


def refuse_unsigned() -> None:
    """Keep DBOS from reading rows in its two own forms, pickle and plain JSON.

    A column of each row says how to read the row, whatever the configuration says. A person who can
    write to the database could otherwise run code here, or have a plan of his own applied. Numbers
    are allowed: DBOS uses its own form to keep until when a waiting guard sleeps.
    """

    def refuse(_self: Serializer, _data: str | None) -> Any:
        raise StateError(
            "a row of the state is not signed, so this tool did not write it and does not use it"
        )

    def refuse_but_numbers(self: Serializer, data: str | None) -> Any:
        try:
            return float(data or "")
        except ValueError:
            return refuse(self, data)

    DefaultSerializer.deserialize = refuse  # type: ignore[method-assign,assignment]
    DBOSPortableJSONSerializer.deserialize = refuse_but_numbers  # type: ignore[method-assign,assignment]
