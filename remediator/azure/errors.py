"""Each SDK exception as one clear line: what failed, where, and what to do."""

import re
from collections.abc import Iterator
from typing import Any, Final

from aiohttp import ClientPayloadError, ClientResponseError
from azure.core.exceptions import (
    AzureError as SdkError,
)
from azure.core.exceptions import (
    HttpResponseError,
)

from remediator.azure.answers import read_json, unreadable
from remediator.azure.retry import perhaps_carried_out, retry_after, throttled_until, unsent
from remediator.errors import AzureError
from remediator.redaction import redacted

_ADVICE = {
    "AuthorizationFailed": "grant the identity this action at that scope, or use another identity",
    "LinkedAuthorizationFailed": "grant the identity access to the linked resource too",
    "ExpiredAuthenticationToken": "the token has expired: sign in again",
    "InvalidAuthenticationToken": "the token is not accepted here: check --auth and --cloud",
    "InvalidAuthenticationTokenTenant": "the token is of another tenant: sign in to the right one",
    "AuthenticationFailed": "sign in, or check --auth",
    "ScopeLocked": "a management lock forbids it",
    "SubscriptionNotFound": "check the subscription id and the tenant you are signed in to",
    "ResourceGroupNotFound": "check the resource group's name in the id",
}


_TOLD_AT_MOST: Final = 4000
"""How many characters of an answer's text are told."""

_WRAPPER: Final = "multipleerrorsoccurred"
_DEEPEST: Final = 4
"""How many wrappers inside wrappers are opened."""

_RESOURCE_GUARD = (
    "the vault is under multi-user authorization: ask the owner of its Resource Guard for the role "
    "Backup MUA Operator on it for a time, then make this change in the portal or with azure-cli, "
    "which send the guard's operation request along; this tool does not, so do not run it again "
    "for this"
)
_GUARDED: Final = re.compile(
    r"dataprotection/resourceguards|resource guard\b|resourceguard operation|error\w*resourceguard",
    re.IGNORECASE,
)
"""Names a Resource Guard. A group of that name does not fit, nor do the vault's own proxies."""


def explain(error: SdkError, doing: str, *, sent: bool) -> AzureError:
    """One line for an SDK exception.

    Args:
        error: the exception.
        doing: the request, such as `GET /subscriptions/…`.
        sent: whether the request may have been carried out although no answer came.
    """
    if isinstance(error, HttpResponseError) and error.response is not None:
        return refusal(error.response, doing, error)
    arrived = None if sent and not unsent(error) else False
    if isinstance(error.inner_exception, ClientPayloadError | ClientResponseError):
        return unreadable(doing, _line(error.message), status=None, arrived=arrived)
    untrusted = "CERTIFICATE_VERIFY_FAILED" in str(error.message)
    advice = "name its CA file in REQUESTS_CA_BUNDLE" if untrusted else "check network and endpoint"
    return AzureError(
        f"no answer to {doing}: {_line(error.message).replace(' ssl:default', '')}; {advice}",
        code="ConnectionFailed",
        arrived=arrived,
    )


def refusal(response: Any, doing: str, error: HttpResponseError | None = None) -> AzureError:
    """One line for an answer that is not a success.

    Args:
        response: the answer.
        doing: the request.
        error: the SDK's exception for it, if any. It knows how an operation ended.
    """
    status, headers = response.status_code or 0, response.headers
    code, message = envelope(_body(response))
    if not code and error is not None and error.error is not None:
        code, message = _text(error.error.code), _text(error.error.message)
    code = redacted(code) or f"HTTP{status}"
    correlation = redacted(headers.get("x-ms-correlation-request-id") or "") or None
    # Without the guard's request: 400 (hashicorp/terraform-provider-azurerm#31887, which does not
    # tell the code). With it, but without rights on the guard: 403.
    guarded = _GUARDED.search(f"{code} {message}") is not None
    wait = retry_after(headers)
    advice = _RESOURCE_GUARD if guarded else _ADVICE.get(code)
    if status == 429 and wait is not None:
        advice = throttled_until(wait)
    tail = f"; {advice}" if advice else ""
    # A 200 can tell of a long-running operation that failed. Then the request had arrived and
    # begun.
    ended = 200 <= status < 300
    refused = 400 <= status < 500 and status != 408 and not perhaps_carried_out(response.request)
    return AzureError(
        f"{code} ({status}) on {doing}: {_line(message)}{tail}"
        + (f" [correlation id {correlation}]" if correlation else ""),
        code=code,
        status=status,
        correlation_id=correlation,
        arrived=True if ended else False if refused else None,
        retry_after=wait,
    )


def envelope(body: Any) -> tuple[str, str]:
    """The code and message of an error body: ARM's envelope, or a provider's error without it.

    `MultipleErrorsOccurred` says nothing by itself. The message then also tells the errors in its
    `details`. If all of them have the same code, that code is returned.
    """
    node = body.get("error", body) if isinstance(body, dict) else None
    code, message, details = _told(node)
    if code.lower() != _WRAPPER:
        return code, message
    inner = tuple(_unwrapped(details, _DEEPEST))
    codes = {inner_code for inner_code, _ in inner}
    told = "; ".join((message, *(f"{inner_code}: {text}" for inner_code, text in inner)))
    return (codes.pop() if len(codes) == 1 else code), _text(told)


def _told(node: Any) -> tuple[str, str, list[Any]]:
    """The code, message and inner errors of one error. Missing parts are empty."""
    if not isinstance(node, dict):
        return "", "", []
    found = {key.lower(): value for key, value in node.items()}
    details = found.get("details")
    inner = details if isinstance(details, list) else []
    return _text(found.get("code")), _text(found.get("message")), inner


def _text(said: object) -> str:
    """A text of an answer, cut to the allowed length. Empty for anything that is not a text."""
    return said[:_TOLD_AT_MOST] if isinstance(said, str) else ""


def _unwrapped(details: list[Any], deeper: int) -> Iterator[tuple[str, str]]:
    """The inner errors themselves. A wrapper inside a wrapper is opened too."""
    for each in details:
        code, message, inner = _told(each)
        if code.lower() == _WRAPPER and inner and deeper:
            yield from _unwrapped(inner, deeper - 1)
        elif code:
            yield code, message


def _body(response: Any) -> Any:
    try:
        return read_json(response.content)
    except Exception:  # noqa: BLE001 - a body that is not JSON has no envelope
        return None


def _line(text: object) -> str:
    return redacted(" ".join(str(text or "no message").split()).rstrip("."))
