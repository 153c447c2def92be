"""Watching the requests of a session: whole, for `remediate record`; in short, for `--verbose`."""

import sys
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import SansIOHTTPPolicy

from remediator.azure.answers import read_json
from remediator.recording.pair import NOT_JSON, Pair, lowered
from remediator.redaction import redacted

_SENT_AT: Final = "remediate_sent_at"


class Watch(Protocol):
    """Wants to see each answer."""

    def __call__(self, pair: Pair) -> None:
        """See one answer, before it is scrubbed."""
        ...


class WatchPolicy(SansIOHTTPPolicy[Any, Any]):
    """Passes on each answer as it came, also errors, pages and repeated attempts.

    It stands next to the transport. Of the request it takes the method and the address, but no
    header: one of the headers is the token. A read has no body.
    """

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch = watch

    def on_response(
        self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]
    ) -> None:
        """Pass the answer on."""
        asked, answer = request.http_request, response.http_response
        self._watch(
            Pair(
                method=asked.method,
                uri=asked.url,
                sent=None,
                status=answer.status_code,
                headers=lowered(dict(answer.headers)),
                body=_body(answer),
            )
        )


@dataclass(frozen=True, slots=True)
class Exchange:
    """One attempt of a request, in short. It holds no token and no body."""

    method: str
    path: str
    """Readable, as in an ARM id. Of the query only the API version: the rest may be a signature."""
    ended: str
    """The status, or the kind of error if there was no answer."""
    milliseconds: int
    correlation_id: str | None


class Tell(Protocol):
    """Wants to know of each attempt."""

    def __call__(self, exchange: Exchange) -> None:
        """Take note of one attempt."""
        ...


class TellPolicy(SansIOHTTPPolicy[Any, Any]):
    """Tells each attempt, also one without an answer. It stands next to the transport."""

    def __init__(self, tell: Tell) -> None:
        super().__init__()
        self._tell = tell

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Note the time."""
        request.context[_SENT_AT] = monotonic()

    def on_response(
        self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]
    ) -> None:
        """Tell the answer's status."""
        answer = response.http_response
        correlation = answer.headers.get("x-ms-correlation-request-id")
        self._told(request, str(answer.status_code), correlation)

    def on_exception(self, request: PipelineRequest[Any]) -> None:
        """Tell the error. The caller is handling it."""
        kind = sys.exc_info()[0]
        self._told(request, kind.__name__ if kind else "no answer", None)

    def _told(self, request: PipelineRequest[Any], ended: str, correlation: str | None) -> None:
        asked = request.http_request
        passed = monotonic() - request.context[_SENT_AT]
        self._tell(
            Exchange(
                method=asked.method,
                path=_path(asked.url),
                ended=ended,
                milliseconds=round(passed * 1000),
                correlation_id=redacted(correlation) if correlation else None,
            )
        )


def _path(url: str) -> str:
    parts = urlsplit(url)
    # The SDK quotes a scope that stands in the path, with the scope's first slash.
    path = "/" + unquote(parts.path).lstrip("/")
    versions = [value for name, value in parse_qsl(parts.query) if name.lower() == "api-version"]
    return redacted(path + "".join(f"?api-version={version}" for version in versions[:1]))


def _body(answer: Any) -> Any:
    if not answer.content:
        return None
    try:
        return read_json(answer.content)
    except ValueError:
        return {NOT_JSON: answer.content.decode(errors="replace")}
