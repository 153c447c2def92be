"""The evidence for each run of a case: a field that Azure may not send must not hold a main fix."""

from collections.abc import Iterator

from tests.dropout.drops import Drop
from tests.dropout.stage import Observed
from tests.dropout.suite import Finished, drops
from tests.fields import evidence


def unproved(found: Finished) -> Iterator[str]:
    """The fields that hold a remedy without enough evidence that Azure sends them.

    Only a case that recovers the VM can show this. Nothing is known of a field that was never seen
    to be read.
    """
    for run in found.runs if found.recovered else ():
        told = evidence.about(run.field)
        if run.kind != "same" and (told is None or not told.may_hold):
            word = told.word if told else "never seen to be read"
            yield f"{run.field} {run.how}: {word}, and without it: {run.kind}, {run.said}"


def wanting(observed: Observed) -> list[Drop]:
    """The drops of all fields without enough evidence."""
    found = []
    for drop in drops(observed):
        told = evidence.about(drop.field)
        if told is None or not told.may_hold:
            found.append(drop)
    return found
