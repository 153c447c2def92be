"""What a case's runs say of the evidence: no field that Azure may not send holds a main fix."""

from collections.abc import Iterator

from tests.dropout.drops import Drop
from tests.dropout.stage import Observed
from tests.dropout.suite import Finished, drops
from tests.fields import evidence


def unproved(found: Finished) -> Iterator[str]:
    """The fields that hold a remedy, and of which too little says that Azure sends them.

    Only a case that recovers the VM can show it. Of a field that was never seen to be read nothing
    is known.
    """
    for run in found.runs if found.recovered else ():
        told = evidence.about(run.field)
        if run.kind != "same" and (told is None or not told.may_hold):
            word = told.word if told else "never seen to be read"
            yield f"{run.field} {run.how}: {word}, and without it: {run.kind}, {run.said}"


def wanting(observed: Observed) -> list[Drop]:
    """What is left out of a run, of fields for which there is too little evidence."""
    found = []
    for drop in drops(observed):
        told = evidence.about(drop.field)
        if told is None or not told.may_hold:
            found.append(drop)
    return found
