"""The outcome of a round in a word or two, and its line in the results."""

from dataclasses import dataclass, field
from typing import Any

from tests.chaos.judge import Violation
from tests.fuzz.judge import Told
from tests.fuzz.rounds import Round
from tests.fuzz.stage import Ran


@dataclass(frozen=True)
class Result:
    """A round's line in the results."""

    kind: str
    number: int
    plot: str
    names: list[str]
    """The rules and acts that had an effect, and all faults."""
    came_to: str
    seconds: float
    violations: list[tuple[str, str]] = field(default_factory=list)
    """The broken promises, with details."""

    def as_json(self) -> dict[str, Any]:
        """The line as JSON, for a file of results."""
        return self.__dict__

    def __str__(self) -> str:
        return f"{self.kind} {self.number} ({self.plot}; {', '.join(self.names)}): {self.came_to}"


def result_of(wanted: Round, ran: Ran, violations: list[Violation]) -> Result:
    """Make a round's line."""
    return Result(
        kind=wanted.kind,
        number=wanted.number,
        plot=wanted.plot.name,
        names=wanted.names or ["nothing took hold"],
        came_to=came_to(ran),
        seconds=round(ran.seconds, 2),
        violations=[(each.what, str(each)) for each in violations],
    )


def came_to(ran: Ran) -> str:
    """How the round ended."""
    told = Told(ran)
    if ran.code is None:
        return "did not end"
    if told.ending:
        return told.ending
    kinds = {step["kind"] for step in told.plan.get("steps", ())}
    if ran.code == 1 or not told.plan:
        return f"error before anything was done (exit {ran.code})"
    if "change" in kinds:
        return "a plan with changes" if ran.kind == "plan" else f"not begun (exit {ran.code})"
    return "a plan that holds its changes" if "held" in kinds else "a plan without changes"
