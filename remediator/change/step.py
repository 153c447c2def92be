"""The possible results of a step: Change, Unchanged, Held or Manual. Each carries its reason."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from remediator import ids
from remediator.change.operations import Operation
from remediator.language import marked
from remediator.value import Value


class Impact(StrEnum):
    """What a change can cost, mildest first. Without opt-in only the first two are applied."""

    READ_ONLY = marked("read-only")
    REVERSIBLE = marked("reversible")
    DOWNTIME = marked("downtime")
    COST = marked("cost")
    PROTECTION = marked("protection")
    SECURITY = marked("security")
    GUEST = marked("guest")
    DESTRUCTIVE = marked("destructive")

    @property
    def needs_opt_in(self) -> bool:
        """Whether `--allow` must name it."""
        return self not in (Impact.READ_ONLY, Impact.REVERSIBLE)


class Lost(Value):
    """A restore point that exists nowhere else. It would be lost for ever."""

    point: str
    created: AwareDatetime | None
    consistency: str


class Request(Value):
    """One exact HTTP request."""

    method: str
    url: str
    """Absolute, with its api-version, as it will be sent. Only the %-encoding may differ."""
    body: dict[str, Any] | None = None


class Change(Value):
    """One exact mutation, or one wait. The request of a wait only reads."""

    kind: Literal["change"] = "change"
    action: str
    target: str
    """The ARM id of the changed resource."""
    what: str
    """The change in a few words, for a heading."""
    why: tuple[str, ...]
    """The reasons. Each one names the request that read it."""
    operation: Operation
    request: Request
    before: dict[str, Any]
    after: dict[str, Any]
    impact: Impact
    permission: str
    undo: str
    loses: tuple[Lost, ...] = ()
    """Data that exists nowhere else. It needs --allow-data-loss in addition to the impact's
    consent."""
    always: bool = False
    """Whether it is also done when the run stops early. True for what puts something back."""
    if_unsettled: Literal["stop", "go-on"] = "stop"
    """What the run does when Azure carried the change out, but `after` is not seen in time."""

    @property
    def key(self) -> tuple[Operation, str]:
        """The key of the change. It identifies the same change when it is planned again."""
        return self.operation, ids.normal(self.target)


class Unchanged(Value):
    """There is nothing to do, and why."""

    kind: Literal["unchanged"] = "unchanged"
    action: str
    target: str
    why: tuple[str, ...]


class Held(Value):
    """The change is not decidable or not allowed, and why."""

    kind: Literal["held"] = "held"
    action: str
    target: str
    why: tuple[str, ...]
    change: Change | None = None
    """The change that would be made if it were allowed."""
    guard: str | None = None
    """The guard that refuses it, whatever the consent. None when it is held for another reason."""


class Manual(Value):
    """Work for a person, with the exact commands."""

    kind: Literal["manual"] = "manual"
    action: str
    target: str
    why: tuple[str, ...]
    commands: tuple[str, ...] = ()


Step = Annotated[Change | Unchanged | Held | Manual, Field(discriminator="kind")]
