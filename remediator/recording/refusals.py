"""The requests that Azure refused, found in the answers themselves."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from remediator.recording.pair import Pair


def refused(pairs: Sequence[Pair]) -> tuple[str, ...]:
    """Each request that got no answer but an error, with the error.

    A 404 counts as an answer. A request that succeeded when it was repeated is left out.
    """
    answered = {(pair.method, pair.uri) for pair in pairs if pair.status < 400}
    return tuple(
        dict.fromkeys(
            f"{pair.status} {_code(pair.body)} on {pair.method} {urlsplit(pair.uri).path}"
            for pair in pairs
            if pair.status >= 400 and pair.status != 404 and (pair.method, pair.uri) not in answered
        )
    )


def _code(body: Any) -> str:
    error = body.get("error", body) if isinstance(body, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, str) else "without a code"
