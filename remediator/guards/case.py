"""The question to a guard, and its answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from remediator.change.step import Change
from remediator.facts import Facts, Known
from remediator.guards.limits import Limits
from remediator.guards.tally import NOTHING_YET, Tally


@dataclass(frozen=True, slots=True)
class Case:
    """A plan's changes, before they are made."""

    facts: Facts
    changes: tuple[Change, ...]
    limits: Limits
    now: datetime | None
    """The time by Azure's clock. None when Azure did not answer."""
    tally: Tally = NOTHING_YET
    """The counts of this command so far."""

    @property
    def vm_id(self) -> str | None:
        """The VM that the plan is about. None when nobody names it."""
        match self.facts.vm:
            case Known(value=vm):
                return vm.id
            case _:
                return self.facts.job.vm_id

    @property
    def target(self) -> str:
        """The id that a refusal names."""
        return self.vm_id or self.facts.job.id


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a guard holds a plan."""

    guard: str
    target: str
    reason: str
    human: tuple[str, ...] = ()
    """The request to a person, when waiting alone does not help."""
    commands: tuple[str, ...] = ()
    until: datetime | None = None
    """When the refusal ends by itself. None: it does not."""


Judge = Callable[[Case], Refusal | None]
