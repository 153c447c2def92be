"""What became of runs, counted for each playbook and each remedy."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Final

from remediator.report.history import PlaybookSuccess, RemedySuccess
from remediator.report.told import Told
from remediator.run.run import Result
from remediator.run.verdict import Ending

_MADE: Final = (Result.APPLIED, Result.UNSETTLED, Result.UNCERTAIN)
_DOUBTFUL: Final = (Result.UNSETTLED, Result.UNCERTAIN)
_NUMBERS: Final = (
    "runs",
    "applied",
    "recovered",
    "settled",
    "recovered_meanwhile",
    "failed_again",
    "failed_otherwise",
    "needs_human",
    "uncertain",
    "stale",
)


@dataclass(slots=True)
class Outcomes:
    """The counts so far, by playbook, rung and title."""

    _counts: dict[tuple[str, str, str], Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    _titles: dict[str, str] = field(default_factory=dict)

    def take(self, told: Told) -> None:
        """Count a run. A run of no playbook is not counted: it changes nothing."""
        playbook, ladder = told.plan.playbook, told.plan.ladder
        if playbook is None or ladder is None:
            return
        self._titles[playbook.name] = playbook.title
        counts = self._counts[(playbook.name, ladder.rung, ladder.title)]
        counts["runs"] += 1
        counts["applied"] += any(each.result in _MADE for each in told.outcomes)
        counts[_became(told)] += 1

    def playbooks(self) -> tuple[PlaybookSuccess, ...]:
        """The counts of each playbook, the most used first."""
        sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for (playbook, _rung, _title), counts in self._counts.items():
            sums[playbook].update(counts)
        found = (
            PlaybookSuccess(playbook=name, title=self._titles[name], **_numbers(counts))
            for name, counts in sums.items()
        )
        return tuple(sorted(found, key=lambda each: (-each.runs, each.playbook)))

    def remedies(self) -> tuple[RemedySuccess, ...]:
        """The counts of each remedy, by playbook; within it, the most used first."""
        found = (
            RemedySuccess(playbook=playbook, rung=rung, title=title, **_numbers(counts))
            for (playbook, rung, title), counts in self._counts.items()
        )
        return tuple(sorted(found, key=lambda each: (each.playbook, -each.runs, each.rung)))


def _numbers(counts: Counter[str]) -> dict[str, int]:
    return {name: counts[name] for name in _NUMBERS}


def _became(told: Told) -> str:
    """The number that a run counts in."""
    match told.ending:
        case Ending.RECOVERED:
            return "recovered" if told.new_job is not None else "recovered_meanwhile"
        case Ending.SETTLED:
            return "settled"
        case Ending.SAME:
            return "failed_again"
        case Ending.NEW:
            return "failed_otherwise"
        case Ending.RUNNING:
            return "uncertain"
        case Ending.HUMAN:
            results = {each.result for each in told.outcomes}
            if results & set(_DOUBTFUL):
                return "uncertain"
            untouched = not results & set(_MADE)
            return "stale" if Result.STALE in results and untouched else "needs_human"
        case None:
            return "stale" if told.stale else "uncertain"
