"""Watching the answers of a session, for `remediate record`."""

from typing import Any, Protocol

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import SansIOHTTPPolicy

from remediator.azure.answers import read_json
from remediator.recording.pair import NOT_JSON, Pair, lowered


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


def _body(answer: Any) -> Any:
    if not answer.content:
        return None
    try:
        return read_json(answer.content)
    except ValueError:
        return {NOT_JSON: answer.content.decode(errors="replace")}
