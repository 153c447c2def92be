"""Playing one case without each of its fields, and what came of it."""

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
    """A case played without a field."""

    field: Field
    how: How
    kind: str
    """How it went, as `judge.kind` calls it."""
    said: str
    hang: tuple[str, ...]
    """The conditions of `when`, actions and guards that came out otherwise."""
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
    began = monotonic()
    full, observed = stage.observe(played.case)
    # A run that waits for what never comes has to end; busy machines are slow.
    within = max(4.0, 4 * (monotonic() - began))
    runs = tuple(_run(stage, played, full, drop, within) for drop in wanted(observed))
    return Finished(played.name, played.fix, str(full), full.ending == "recovered", runs)


def _run(stage: Stage, played: Played, full: Outcome, drop: Drop, within: float) -> Run:
    less = stage.play(played.case, [drop], within=within)
    complaints = tuple(judge(full, less, played.case.vm, drop.field))
    if complaints or less.ending == "still-running":
        # The machine may have been busy for a moment.
        less = stage.play(played.case, [drop], within=3 * within)
        complaints = tuple(judge(full, less, played.case.vm, drop.field))
    hang = less.unlike(full) if less.playbook == full.playbook else ()
    return Run(drop.field, drop.how, kind(full, less), str(less), hang, complaints)
