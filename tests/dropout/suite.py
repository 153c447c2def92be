"""Playing one case without each of its fields, and what came of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.dropout.cases import Played
from tests.dropout.drops import Drop, How
from tests.dropout.judge import judge, kind
from tests.dropout.kinds import Field
from tests.dropout.outcome import Outcome
from tests.dropout.stage import MORE_TIME, Observed, Stage


@dataclass(frozen=True)
class Run:
    """A case played without a field."""

    field: Field
    how: How
    kind: str
    """How it went, as `judge.kind` calls it."""
    said: str
    complaints: tuple[str, ...]


@dataclass(frozen=True)
class Finished:
    """A case, and its runs."""

    name: str
    fix: str
    full: str
    """What the run with all fields came to."""
    recovered: bool
    """Whether that run recovered the VM."""
    runs: tuple[Run, ...]


def drops(observed: Observed, *, every_null: bool = False) -> list[Drop]:
    """What is left out: each field that is there and read.

    Null is played where it could be another thing than absence: a value that is got by its key and
    compared is the same either way, and how each value is got was seen.
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
    """Play a case with all its fields, and then without each.

    Args:
        stage: where.
        played: the case.
        wanted: which are left out, of what was observed.
    """
    full, observed = stage.observe(played.case)
    runs = tuple(_run(stage, played, full, drop) for drop in wanted(observed))
    return Finished(played.name, played.fix, str(full), full.ending == "recovered", runs)


def _run(stage: Stage, played: Played, full: Outcome, drop: Drop) -> Run:
    less = stage.play(played.case, [drop])
    complaints = tuple(judge(full, less, played.case.vm))
    if complaints or less.ending == "still-running":
        # Time may have been short on a busy machine.
        less = stage.play(played.case, [drop], time=MORE_TIME if complaints else "12s")
        complaints = tuple(judge(full, less, played.case.vm))
    return Run(drop.field, drop.how, kind(full, less), str(less), complaints)
