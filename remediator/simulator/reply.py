"""The answers of handlers, and Azure's error envelopes."""

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
Envelope = Literal["arm", "compute", "recovery", "authorization"]


@dataclass
class Reply:
    """An answer before the front door adds the headers that every answer has."""

    status: int = 200
    body: Json | None = None
    headers: dict[str, str] = field(default_factory=dict)
    retry_after: float | None = None
    """Seconds of simulated time. The front door turns them into real ones."""


class ArmError(Exception):
    """An error answer.

    ``envelope`` tells who answers: ARM itself (x-ms-failure-cause: gateway), or a resource provider
    (service). Recovery Services writes empty fields as null and gives no cause for a refusal (4xx);
    this was recorded at a poll of the backup service and at a vault's change and delete. The
    specification does not have its ``innerError``.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        envelope: Envelope = "arm",
        details: list[Json] | None = None,
        headers: dict[str, str] | None = None,
        retry_after: float | None = None,
        more: Json | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.envelope = envelope
        self.details = details
        self.headers = headers or {}
        self.retry_after = retry_after
        self.more = more

    def reply(self) -> Reply:
        """Build the answer."""
        error: Json = {"code": self.code, "message": self.message}
        if self.envelope == "recovery":
            error |= {"target": None, "details": self.details, "innerError": None}
        elif self.details:
            error["details"] = self.details
        error |= self.more or {}
        cause = "gateway" if self.envelope == "arm" else "service"
        silent = self.envelope in ("recovery", "authorization") and self.status < 500
        headers = ({} if silent else {"x-ms-failure-cause": cause}) | self.headers
        return Reply(self.status, {"error": error}, headers, self.retry_after)


class BareNotFoundError(ArmError):
    """A 404 without an error in its body. The backup service sends it since 2024."""

    def __init__(self) -> None:
        super().__init__(404, "", "")

    def reply(self) -> Reply:
        """Build the answer."""
        return Reply(404, {})


def resource_not_found(kind: str, name: str, group: str) -> ArmError:
    """The error that ARM does not know the resource."""
    return ArmError(
        404,
        "ResourceNotFound",
        f"The Resource '{kind}/{name}' under resource group '{group}' was not found. For more "
        "details please go to https://aka.ms/ARMResourceNotFoundFix",
    )


def group_not_found(group: str) -> ArmError:
    """The error that the resource group does not exist."""
    return ArmError(404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.")


def subscription_not_found(subscription: str) -> ArmError:
    """The error that the subscription does not exist."""
    return ArmError(
        404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found."
    )


def scope_locked(target: str, verb: str, scopes: list[str]) -> ArmError:
    """The refusal because of a lock, in the recorded text (10 answers of 2017 and 2018)."""
    held = ",".join(scopes)
    return ArmError(
        409,
        "ScopeLocked",
        f"The scope '{target}' cannot perform {verb} operation because following scope(s) are "
        f"locked: '{held}'. Please remove the lock and try again.",
    )
