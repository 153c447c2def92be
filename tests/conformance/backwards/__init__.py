"""The other way round: the simulator is asked what Azure was asked, and its answers compared.

For every kind of answer that was recorded and that the simulator can give, its answer is held
against all comparable recordings. Wrong is what it sends and none of them has, and what all of them
have and it lacks: fields, words of the API, casing of ids, forms of times, JSON types, headers.
"""

from collections.abc import Iterable
from pathlib import Path

from tests.conformance.backwards.asking import ask_everything
from tests.conformance.backwards.comparing import Found, Recordings, compare
from tests.conformance.backwards.explanations import Explanations, read_explanations
from tests.conformance.cassette import Pair
from tests.conformance.recorded import everything
from tests.conformance.verdict import Verdict
from tests.places import RECORDINGS

NAME = "recordings, reversed"
ASKED = "the simulator, in every situation that was recorded, at old and new api-versions"
VERSIONS = ("2021-01-01", "2024-10-01", "2025-02-01")
"""The newest recorded one of the old forms, and two of the new ones."""


def judge() -> Verdict:
    """Hold the simulator against all recordings beside the project."""
    if not RECORDINGS.is_dir():
        return Verdict(NAME, ASKED, "the recordings are not beside the project", skipped=True)
    explained = read_explanations()
    recorded = everything()
    verdict = judge_answers(Recordings(recorded.pairs), answers(), explained)
    verdict.wrong += recorded.unreadable
    verdict.wrong += [f"explained, but no longer there: {each}" for each in explained.unused]
    return verdict


def judge_folder(folder: Path) -> Verdict:
    """Hold the simulator against the recordings of a folder, whose kinds nobody has listed."""
    recorded = everything(folder)
    verdict = judge_answers(
        Recordings(recorded.pairs, everything().pairs), answers(), read_explanations(), strange=True
    )
    verdict.wrong += recorded.unreadable
    return verdict


def answers() -> list[Pair]:
    """What the simulator answers at an api-version of each family."""
    return [pair for version in VERSIONS for pair in ask_everything(version)]


def judge_answers(
    recorded: Recordings,
    simulated: Iterable[Pair],
    explained: Explanations,
    *,
    strange: bool = False,
) -> Verdict:
    """Compare, and set apart what is explained.

    Args:
        recorded: all recordings.
        simulated: the simulator's answers.
        explained: what is right although it differs.
        strange: whether these are a few recordings of somebody's own: kinds that the simulator
            does not give are then told, not counted as wrong, and only equal situations compared.
    """
    found = compare(recorded, simulated, like_any=not strange)
    verdict = Verdict(NAME, ASKED, "")
    _differences(found, explained, verdict)
    for kind in sorted(found.not_asked):
        reason = explained.why_not(kind)
        if reason is None and not strange:
            verdict.wrong.append(f"recorded, but not brought about here: {kind}")
        elif reason is None:
            verdict.details.append(f"- Not compared, as the simulator gives none: {kind}.")
    verdict.said = (
        f"{len(found.compared)} kinds of answer compared, {len(found.not_recorded)} of which there "
        f"is no recording, {len(verdict.details)} explanations below"
    )
    return verdict


def _differences(found: Found, explained: Explanations, verdict: Verdict) -> None:
    told: dict[str, int] = {}
    for difference, origin in found.differences.items():
        why = explained.why(difference)
        if why is None:
            verdict.wrong.append(f"{difference} [{origin}]")
        else:
            line = f"{why.because} ({why.evidence}: {why.shown_by})"
            told[line] = told.get(line, 0) + 1
    verdict.details += [f"- {line} Seen {count} times." for line, count in sorted(told.items())]
