"""The figures of the suite, for docs/fields.md."""

from collections import Counter
from collections.abc import Iterator

from tests.dropout.cases import FIXES
from tests.dropout.kinds import Field
from tests.dropout.suite import Finished
from tests.dropout.verdict import unproved
from tests.fields import evidence

MEANINGS = {
    "same": "the same changes, verdict and exit code",
    "held": "nothing changed where the full answer lets something be changed",
    "held otherwise": "nothing changed either, with another exit code",
    "refused": "ended with an error before anything was changed",
    "stopped": "ended with an error after a change",
    "milder rung": "a milder rung of the same ladder was done",
    "recovered otherwise": "the VM recovered by fewer changes",
    "not proved": "fewer changes, or the backup not seen to succeed",
}
"""How a run without a field may differ."""


def figures(all_: list[Finished], cases: int) -> str:
    """The tables: how the runs went, which fields each fix needs, and the broken promises.

    Args:
        all_: the played cases.
        cases: the number of all cases.
    """
    return "\n".join(
        [*_runs(all_, cases), "", *_fixes(all_), "", *_holding(all_), "", *_broken(all_)]
    )


def _runs(all_: list[Finished], cases: int) -> Iterator[str]:
    runs = [run for found in all_ for run in found.runs]
    fields = {run.field for run in runs}
    yield f"{len(all_)} of {cases} cases, {len(fields)} fields, {len(runs)} runs."
    yield ""
    yield "| without the field | runs |"
    yield "|---|---|"
    went = Counter(run.kind for run in runs)
    for kind, meaning in MEANINGS.items():
        if went[kind]:
            yield f"| {kind}: {meaning} | {went[kind]} |"


def _fixes(all_: list[Finished]) -> Iterator[str]:
    yield "| fix | cases | fields | runs | same | broken promises |"
    yield "|---|---|---|---|---|---|"
    for fix in [*FIXES, ""]:
        runs = [run for found in all_ if found.fix == fix for run in found.runs]
        cases = sum(found.fix == fix for found in all_)
        same = sum(run.kind == "same" for run in runs)
        broken = sum(bool(run.complaints) for run in runs)
        name = fix or "scenarios that no case of a fix plays"
        fields = len({run.field for run in runs})
        yield f"| {name} | {cases} | {fields} | {len(runs)} | {same} | {broken} |"


def _holding(all_: list[Finished]) -> Iterator[str]:
    """The fields that a VM needs to recover, in at least one case."""
    ways: dict[Field, Counter[str]] = {}
    hang: dict[Field, set[str]] = {}
    for found in all_:
        for run in found.runs if found.recovered else ():
            if run.kind not in ("same", "recovered otherwise"):
                ways.setdefault(run.field, Counter())[run.kind] += 1
                hang.setdefault(run.field, set()).update(run.hang)
    yield "Without these a VM does not recover in some case in which it recovers with them:"
    yield ""
    yield "| field | evidence | how often, and how | what comes out otherwise |"
    yield "|---|---|---|---|"
    for field, went in sorted(ways.items()):
        told = evidence.about(field)
        counts = ", ".join(f"{count} {kind}" for kind, count in went.most_common())
        word, names = told.word if told else "not observed", ", ".join(sorted(hang[field]))
        yield f"| `{field}` | {word} | {counts} | {names} |"


def _broken(all_: list[Finished]) -> Iterator[str]:
    told = Counter(
        f"`{run.field}` {run.how}: {_short(complaint)}"
        for found in all_
        for run in found.runs
        for complaint in run.complaints
    )
    yield "No promise was broken." if not told else "Broken promises:"
    yield from ([""] if told else [])
    yield from (f"- {text} ({count} times)" for text, count in sorted(told.items()))
    weak = sorted({text.split(", and without", 1)[0] for found in all_ for text in unproved(found)})
    yield ""
    if not weak:
        yield "No remedy was held for want of a field that has too little evidence."
    else:
        yield "Held for want of a field that has too little evidence:"
        yield ""
        yield from (f"- {text}" for text in weak)


def _short(complaint: str) -> str:
    """A complaint without the names from one case."""
    what, colon, rest = complaint.partition(": ")
    if what == "a change outside the plan":
        method, _, path = rest.partition(" ")
        return f"{what}: {method} .../{path.rsplit('/', 1)[-1]}"
    return complaint if colon and what != "a lock is off and not named" else what
