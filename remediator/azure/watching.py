"""Watching the answers of a session, for `remediate record`."""

from typing import Any, Protocol

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import SansIOHTTPPolicy

from remediator.azure.answers import read_json
from remediator.recording.pair import NOT_JSON, Pair, lowered


class Watch(Protocol):
    """Whoever wants to see each answer."""

    def __call__(self, pair: Pair) -> None:
        """See one answer, before it is scrubbed."""
        ...


class WatchPolicy(SansIOHTTPPolicy[Any, Any]):
    """Hands on each answer as it came: errors, pages and attempts that are repeated, too.

    Stands next to the transport. Of the request it takes method, address and body, never a header:
    one of them is the token.
    """

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch = watch

    def on_response(
        self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]
    ) -> None:
        """Hand the answer on."""
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
