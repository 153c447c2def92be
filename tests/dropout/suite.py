"""Play one case without each of its fields, and keep the results."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import monotonic

from tests.dropout.cases import Played
from tests.dropout.drops import Drop, How
from tests.dropout.judge import judge, kind
from tests.dropout.kinds import Field
from tests.dropout.outcome import Outcome
from tests.dropout.stage import Observed, Stage


@dataclass(frozen=True)
class Run:
    """One play of a case, without one field."""

    field: Field
    how: How
    kind: str
    """How it went, in the words of `judge.kind`."""
    said: str
    hang: tuple[str, ...]
    """The conditions of `when`, actions and guards that differed."""
    complaints: tuple[str, ...]


@dataclass(frozen=True)
class Finished:
    """A case with all its runs."""

    name: str
    fix: str
    full: str
    """The outcome of the run with all fields."""
    recovered: bool
    """Whether that run recovered the VM."""
    runs: tuple[Run, ...]


def drops(observed: Observed, *, every_null: bool = False) -> list[Drop]:
    """What to leave out: each field that is present and read.

    Null is played only where it could differ from absence. If the code gets a value by its key and
    compares it, null and absence are the same. How the code reads each value was noted.
    """
    found = []
    for each in observed.read:
        found.append(Drop(each, How.ABSENT))
        if each.path[0] != "header" and (every_null or each in observed.blunt):
            found.append(Drop(each, How.NULL))
    return found


def finish(
    stage: Stage,
    played: Played,
    wanted: Callable[[Observed], Iterable[Drop]] = drops,
) -> Finished:
    """Play a case with all its fields, and then without each of them.

    Args:
        stage: the stage.
        played: the case.
        wanted: chooses what to leave out, from what was observed.
    """
    began = monotonic()
    full, observed = stage.observe(played.case)
    # A run that waits for something that never comes must end. On a busy machine all runs are slow.
    within = max(4.0, 4 * (monotonic() - began))
    runs = tuple(_run(stage, played, full, drop, within) for drop in wanted(observed))
    return Finished(played.name, played.fix, str(full), full.ending == "recovered", runs)


def _run(stage: Stage, played: Played, full: Outcome, drop: Drop, within: float) -> Run:
    less = stage.play(played.case, [drop], within=within)
    complaints = tuple(judge(full, less, played.case.vm, drop.field))
    if complaints or less.ending == "still-running":
        # The machine may only have been busy, so try once more.
        less = stage.play(played.case, [drop], within=3 * within)
        complaints = tuple(judge(full, less, played.case.vm, drop.field))
    hang = less.unlike(full) if less.playbook == full.playbook else ()
    return Run(drop.field, drop.how, kind(full, less), str(less), hang, complaints)
