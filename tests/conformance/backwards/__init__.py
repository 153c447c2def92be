"""The reverse: the simulator gets the requests that Azure got, and its answers are compared.

Each answer of the simulator is compared with all comparable recordings of the same kind. It is
wrong if it has something that none of them has, or lacks something that all of them have. This
concerns fields, words of the API, casing of ids, forms of times, JSON types and headers.
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
"""The newest recorded version of the old forms, and two versions of the new forms."""


def judge() -> Verdict:
    """Compare the simulator with all recordings beside the project."""
    if not RECORDINGS.is_dir():
        return Verdict(NAME, ASKED, "the recordings are not beside the project", skipped=True)
    explained = read_explanations()
    recorded = everything()
    verdict = judge_answers(Recordings(recorded.pairs), answers(), explained)
    verdict.wrong += recorded.unreadable
    verdict.wrong += [f"explained, but no longer there: {each}" for each in explained.unused]
    return verdict


def judge_folder(folder: Path) -> Verdict:
    """Compare the simulator with the recordings in a folder, whose kinds nobody has listed."""
    recorded = everything(folder)
    verdict = judge_answers(
        Recordings(recorded.pairs, everything().pairs), answers(), read_explanations(), strange=True
    )
    verdict.wrong += recorded.unreadable
    return verdict


def answers() -> list[Pair]:
    """The simulator's answers, at several api-versions of both families."""
    return [pair for version in VERSIONS for pair in ask_everything(version)]


def judge_answers(
    recorded: Recordings,
    simulated: Iterable[Pair],
    explained: Explanations,
    *,
    strange: bool = False,
) -> Verdict:
    """Compare, and separate the explained differences from the wrong ones.

    Args:
        recorded: all recordings.
        simulated: the simulator's answers.
        explained: the differences that are right.
        strange: whether these are a few recordings of a person's own. Then kinds that the simulator
            does not give are listed but not wrong, and only equal situations are compared.
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
