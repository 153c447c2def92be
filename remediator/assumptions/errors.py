"""Assumptions about errors of the services."""

from typing import Any, Final

from remediator.assumptions.assumption import Area, Assumption, every, some
from remediator.assumptions.seen import Seen
from remediator.recording.pair import Pair

_TRANSIENT: Final = frozenset(
    {"GatewayTimeout", "RestApiInternalError", "InvalidGatewayHost", "ServiceUnavailable",
     "InternalServerError", "ServerTimeout", "CloudInternalError", "ResourceGroupBeingDeleted"}
)  # fmt: skip
_GATEWAY: Final = frozenset(
    {"ScopeLocked", "SubscriptionRequestsThrottled", "ResourceGroupNotFound",
     "SubscriptionNotFound", "AuthorizationFailed"}
)  # fmt: skip
_LOCKED: Final = "cannot perform delete operation because following scope(s) are locked"


def _error(pair: Pair) -> dict[str, Any]:
    """The content of the error's envelope. Empty when there is none."""
    body = pair.body if isinstance(pair.body, dict) else {}
    found = body.get("error", body)
    return found if isinstance(found, dict) else {}


def _code(pair: Pair) -> str:
    code = _error(pair).get("code")
    return code if isinstance(code, str) else ""


def _coded(seen: Seen, *codes: str) -> list[Pair]:
    return [pair for pair in seen.errors if _code(pair) in codes]


ASSUMPTIONS: Final = (
    Assumption(
        "error-has-a-code",
        Area.ERRORS,
        "An error's body has a code and a message, in an object called error or without it.",
        "Without a code an error is told by its status alone.",
        lambda seen: every(
            [pair for pair in seen.errors if pair.body],
            lambda pair: bool(_code(pair)) and isinstance(_error(pair).get("message"), str),
            lambda pair: f"{pair.status} {_code(pair)}",
        ),
    ),
    Assumption(
        "locked-scope",
        Area.ERRORS,
        "A delete under a lock is refused by 409 ScopeLocked, from the gateway.",
        "The tool knows by it that a lock is in the way.",
        lambda seen: every(
            _coded(seen, "ScopeLocked"),
            lambda pair: pair.status == 409 and pair.headers.get("x-ms-failure-cause") == "gateway",
        ),
    ),
    Assumption(
        "locked-scope-says-which",
        Area.ERRORS,
        "The text of ScopeLocked names the scopes that are locked.",
        "The simulator says the same.",
        lambda seen: every(
            _coded(seen, "ScopeLocked"), lambda pair: _LOCKED in str(_error(pair).get("message"))
        ),
    ),
    Assumption(
        "throttling-of-arm",
        Area.ERRORS,
        "Azure Resource Manager throttles by 429 SubscriptionRequestsThrottled or TooManyRequests.",
        "It is waited for and repeated.",
        lambda seen: every(
            [pair for pair in seen.errors if pair.status == 429],
            lambda pair: _code(pair) in ("SubscriptionRequestsThrottled", "TooManyRequests"),
            _code,
        ),
    ),
    Assumption(
        "passing-errors-of-the-backup-service",
        Area.ERRORS,
        f"A code of a status of 500 and above is one of these: {', '.join(sorted(_TRANSIENT))}.",
        "Such an answer to a GET is repeated.",
        lambda seen: every(
            [pair for pair in seen.errors if pair.status >= 500 and _code(pair)],
            lambda pair: _code(pair) in _TRANSIENT,
            lambda pair: f"{pair.status} {_code(pair)}",
        ),
    ),
    Assumption(
        "limit-of-a-day",
        Area.ERRORS,
        "CloudDosAbsoluteLimitReached is a 400: it is not repeated for a day.",
        "A repeated request would fail again.",
        lambda seen: every(
            _coded(seen, "CloudDosAbsoluteLimitReached"), lambda pair: pair.status == 400
        ),
    ),
    Assumption(
        "gateway-or-service",
        Area.ERRORS,
        f"What the gateway refuses itself ({', '.join(sorted(_GATEWAY))}) says so by "
        "x-ms-failure-cause.",
        "Such a request never reached a service: nothing was done.",
        lambda seen: every(
            [p for p in _coded(seen, *_GATEWAY) if "x-ms-failure-cause" in p.headers],
            lambda pair: pair.headers["x-ms-failure-cause"] == "gateway",
        ),
    ),
    Assumption(
        "inner-error",
        Area.ERRORS,
        "An error of the backup service may have target, details and innerError, all null.",
        "A client that expects an object there would fail.",
        lambda seen: some(
            pair
            for pair in seen.errors
            if "target" in _error(pair) and _error(pair)["target"] is None
        ),
    ),
)
