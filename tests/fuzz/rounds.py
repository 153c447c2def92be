"""A round: its alterations and acts, all from the seed and the round's number."""

from dataclasses import dataclass
from random import Random
from typing import Any, Final, Literal

from remediator.simulator.process import SimulatorProcess
from tests.between import Rule
from tests.fuzz.acts import Administrator, administrator
from tests.fuzz.bodies import BODIES
from tests.fuzz.cases import Plot
from tests.fuzz.envelopes import ENVELOPES
from tests.fuzz.strike import Listener, Memory, Strike
from tests.fuzz.weather import fault

Kind = Literal["plan", "run"]
ALTERATIONS: Final = BODIES | ENVELOPES


@dataclass(frozen=True)
class Round:
    """Everything that happens to one plan or run."""

    kind: Kind
    number: int
    plot: Plot
    strikes: tuple[Strike, ...]
    acts: tuple[Administrator, ...]
    faults: tuple[dict[str, Any], ...]
    memory: Memory

    @property
    def rules(self) -> list[Rule]:
        """The rules of the man in the middle."""
        return [Listener(self.memory), *self.acts, *self.strikes]

    @property
    def names(self) -> list[str]:
        """The rules and acts that had an effect, and all faults, each once."""
        struck = [each.name for each in self.strikes if each.hits]
        acts = [f"somebody: {each.act}" for each in self.acts if each.done]
        return sorted({*struck, *acts, *(f"fault: {each['kind']}" for each in self.faults)})


def round_of(
    seed: str, kind: Kind, number: int, plots: list[Plot], azure: SimulatorProcess
) -> Round:
    """The round of a seed and a number. The same values give the same round."""
    rng = Random(f"{seed} {kind} {number}")
    plot, memory = rng.choice(plots), Memory()
    strikes = tuple(
        _strike(rng, f"{seed} {kind} {number} {n}", kind, memory)
        for n in range(rng.choice((1, 1, 2, 3)))
    )
    acts: tuple[Administrator, ...] = ()
    if kind == "run" and rng.random() < 0.6:
        acts = tuple(administrator(azure, plot.vm, rng) for _ in range(rng.choice((1, 1, 2))))
    faults = (fault(rng),) if rng.random() < 0.3 else ()
    return Round(kind, number, plot, strikes, acts, faults, memory)


def _strike(rng: Random, seed: str, kind: Kind, memory: Memory) -> Strike:
    name = rng.choice(sorted(ALTERATIONS))
    share = rng.choice((0.1, 0.3, 0.3, 1.0))
    how = rng.choice(("always", "once", "once", "late"))
    strike = Strike(name, ALTERATIONS[name], seed, memory, share, how, steady=rng.random() < 0.5)
    strike.patient = kind == "run" and rng.random() < 0.6
    return strike
