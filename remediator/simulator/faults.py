"""Faults: failures between a client and Azure, on demand."""

import re
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator, model_validator

from remediator.simulator.recorded_faults import Word

Kind = Literal[
    "throttle-arm",
    "throttle-compute",
    "error",
    "token-expired",
    "cut-before",
    "cut-after",
    "slow",
    "lands-late",
    "lro-fails",
    "foreign-link",
    "half-page",
    "job-late",
    "lock-propagation",
]


class Fault(BaseModel):
    """One fault: which requests it strikes, how often, and how."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    method: str = "*"
    """An HTTP method, or * for any."""
    path: str = ".*"
    """A regular expression. It is searched in the decoded path and ignores case."""
    times: int | None = Field(default=1, ge=1)
    """How often it strikes; null for always."""
    after: int = Field(default=0, ge=0)
    """How many matching requests pass before the first strike."""
    like: Word | None = None
    """For the kind error: a recorded error, instead of status, code and message."""
    status: int = Field(default=500, ge=400, le=599)
    code: str | None = None
    message: str | None = None
    retry_after: float = Field(default=10, ge=0)
    """Simulated seconds, for the throttles."""
    seconds: float = Field(default=1, ge=0)
    """Real seconds for slow and lands-late; simulated ones for job-late and lock-propagation."""
    carried_out: bool = False
    """For lro-fails of Compute: whether the operation's work is done all the same, as after a time
    that was too short."""
    host: str = "https://management.example.invalid"
    """The host of the links, for foreign-link."""

    _seen: int = PrivateAttr(default=0)

    @field_validator("path")
    @classmethod
    def _is_a_pattern(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            message = f"not a regular expression: {error}"
            raise ValueError(message) from error
        return value

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.like is not None and self.kind != "error":
            message = "like goes with the kind error"
            raise ValueError(message)
        if self.carried_out and self.kind != "lro-fails":
            message = "carried_out goes with the kind lro-fails"
            raise ValueError(message)
        return self

    def strikes(self, method: str, path: str) -> bool:
        """Tell whether the fault strikes this request, and count the request."""
        if self.method not in {"*", method.upper()}:
            return False
        if not re.search(self.path, path, re.IGNORECASE):
            return False
        self._seen += 1
        if self._seen <= self.after:
            return False
        return self.times is None or self._seen <= self.after + self.times


class FaultBook:
    """All faults that are set."""

    def __init__(self, faults: list[Fault] | None = None) -> None:
        self.faults = list(faults or [])

    def striking(self, method: str, path: str) -> list[Fault]:
        """Return the faults that strike this request."""
        return [fault for fault in self.faults if fault.strikes(method, path)]
