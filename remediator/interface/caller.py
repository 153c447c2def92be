"""The calling program: its consent, and the events that it is told."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from remediator.facts import Lock
from remediator.flow.events import Event
from remediator.plan.plan import Plan
from remediator.report.batch import Target
from remediator.report.runs import Story

Approve = bool | Callable[[Sequence[Plan]], bool] | Callable[[Sequence[Plan]], Awaitable[bool]]
"""Consent: True, False, or a function. It gets the plans right before they are applied."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The consent of the calling program."""

    approve: Approve
    by: Literal["caller"] = "caller"

    @property
    def there(self) -> bool:
        """Whether the program consents or can be asked."""
        return self.approve is not False

    @property
    def beforehand(self) -> bool:
        """Whether the program consents without being asked."""
        return self.approve is True

    async def to_apply(self, plans: Sequence[Plan], _others: Sequence[Target]) -> bool:
        """Ask the program. Any answer but True means no."""
        if isinstance(self.approve, bool):
            return self.approve
        said = self.approve(plans)
        return (said if isinstance(said, bool) else await said) is True

    async def to_resume(self, _story: Story) -> bool:
        """Only if the program consented beforehand."""
        return self.beforehand

    async def to_put_back(self, _locks: Sequence[Lock]) -> bool:
        """Only if the program consented beforehand."""
        return self.beforehand


@dataclass(frozen=True, slots=True)
class CallerListens:
    """Tells events to the calling program. An error that the program raises stops no run."""

    on_event: Callable[[Event], None] | None

    def hear(self, event: Event) -> None:
        """Tell the event to the program."""
        if self.on_event is None:
            return
        with suppress(Exception):  # a lock may be off: the run must go on
            self.on_event(event)
