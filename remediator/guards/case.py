"""What a guard is asked, and what it answers."""

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
    """By Azure's clock; None when it did not answer."""
    tally: Tally = NOTHING_YET
    """What the command has come to before."""

    @property
    def vm_id(self) -> str | None:
        """The VM that the plan is about; None when nobody names it."""
        match self.facts.vm:
            case Known(value=vm):
                return vm.id
            case _:
                return self.facts.job.vm_id

    @property
    def target(self) -> str:
        """What a refusal is about."""
        return self.vm_id or self.facts.job.id


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a guard holds a plan."""

    guard: str
    target: str
    reason: str
    human: tuple[str, ...] = ()
    """What a human is asked to do, when waiting alone does not help."""
    commands: tuple[str, ...] = ()
    until: datetime | None = None
    """When it ends by itself; None: it does not."""


Judge = Callable[[Case], Refusal | None]
