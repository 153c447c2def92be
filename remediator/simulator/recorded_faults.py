"""Errors that Azure was recorded to send now and then, each with a short name.

They were seen on the backup service's polls and lists from 2017 to 2021 (504 in 23 answers, 500 in
5, 502 in one), and once on the change of a vault (400). All but the last pass by themselves.
"""

from dataclasses import dataclass
from typing import Literal

from remediator.simulator.reply import ArmError

Word = Literal["gateway-timeout", "rest-api-error", "no-gateway-host", "day-limit"]


@dataclass(frozen=True)
class _Recorded:
    status: int
    code: str
    message: str
    by_service: bool
    """Whether the backup service wrote the body. It writes its empty fields as null."""
    cause: str = "service"


_RECORDED: dict[Word, _Recorded] = {
    "gateway-timeout": _Recorded(
        504,
        "GatewayTimeout",
        "The gateway did not receive a response from 'Microsoft.RecoveryServices' within the "
        "specified time period.",
        by_service=False,
    ),
    "rest-api-error": _Recorded(
        500,
        "RestApiInternalError",
        "The REST API call encountered an internal error.\r\nWait for a few minutes and then try "
        "the operation again. If the issue persists, please contact Microsoft support.",
        by_service=True,
    ),
    "no-gateway-host": _Recorded(
        502,
        "InvalidGatewayHost",
        "Host name resolution failed for 'Microsoft.RecoveryServices'; cannot fulfill the request.",
        by_service=False,
        cause="gateway",
    ),
    "day-limit": _Recorded(
        400,
        "CloudDosAbsoluteLimitReached",
        "Operation is blocked as you have reached the limit on number of operations permitted in "
        "24 hours.\r\nContact Microsoft support or retry after 24 hours.",
        by_service=True,
    ),
}


def recorded_error(word: Word) -> ArmError:
    """Build the error of a name, with its headers."""
    found = _RECORDED[word]
    if found.by_service:
        return ArmError(found.status, found.code, found.message, envelope="recovery")
    headers = {
        "x-ms-failure-cause": found.cause,
        "Content-Type": "application/json; charset=utf-8",
    }
    return ArmError(found.status, found.code, found.message, headers=headers)
