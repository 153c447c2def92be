"""Compare each kind of simulated answer with every recording of that kind."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.conformance.backwards import unlike
from tests.conformance.backwards.kinds import NEAREST, Sample, samples
from tests.conformance.backwards.words import all_words
from tests.conformance.cassette import Pair

ENOUGH = 3
"""With fewer recordings of a version, common fields may be chance. Then the next version counts."""


@dataclass
class Found:
    """The findings."""

    differences: dict[str, str] = field(default_factory=dict)
    """Each difference, with one of the recordings that show it."""
    compared: set[str] = field(default_factory=set)
    """Kinds that were both recorded and simulated."""
    not_asked: set[str] = field(default_factory=set)
    """Kinds that were recorded but not given by the simulator."""
    not_recorded: set[str] = field(default_factory=set)
    """Kinds that only the simulator gives."""


class Recordings:
    """All recorded answers, by kind and family."""

    def __init__(self, pairs: Iterable[Pair], words_of: Iterable[Pair] = ()) -> None:
        """Sort recordings.

        Args:
            pairs: the recordings to compare with.
            words_of: recordings of which only the words count.
        """
        self._kinds: defaultdict[str, list[Sample]] = defaultdict(list)
        self._broad: defaultdict[str, list[Sample]] = defaultdict(list)
        everything = []
        for pair in pairs:
            for sample in samples(pair):
                self._kinds[sample.kind].append(sample)
                self._broad[sample.broad].append(sample)
                everything.append(sample.body)
        self._words = all_words(everything + [pair.body for pair in words_of])
        self._numbers = unlike.numbers_of(everything)

    @property
    def kinds(self) -> set[str]:
        return set(self._kinds)

    def comparable(self, ours: Sample) -> list[Sample]:
        """The recordings of the same kind and family. If it has no family: of the nearest versions.

        If the situation was not recorded: the recordings of the same type in any situation. A field
        that no job of a VM ever had must not be in this one either.
        """
        same = self._of(self._kinds, ours.kind, ours.family)
        if not same:
            return self._of(self._broad, ours.broad, ours.family)
        if ours.family != NEAREST:
            return same
        nearest: list[Sample] = []
        for version in sorted({e.version for e in same}, key=lambda v: _distance(v, ours.version)):
            nearest += [each for each in same if each.version == version]
            if len(nearest) >= ENOUGH:
                break
        return nearest

    @staticmethod
    def _of(where: dict[str, list[Sample]], name: str, family: str) -> list[Sample]:
        return [each for each in where.get(name, []) if each.family == family]

    def differences(self, ours: Sample, theirs: list[Sample]) -> Iterator[str]:
        """The differences between a simulated answer and the comparable recordings."""
        bodies = [each.body for each in theirs]
        if theirs[0].kind == ours.kind:
            yield from unlike.bodies(ours.body, bodies, unlike.How(self._words, ours.path))
        else:
            yield from self._like_any(ours, bodies)
        yield from unlike.numbers(ours.body, self._numbers)
        if ours.kind.startswith("error "):
            yield from unlike.wording(ours.body, bodies)
        if ours.headers is not None:
            other = [e.headers for e in self._kinds[ours.kind] if e.headers is not None]
            same = [e.headers for e in theirs if e.headers is not None]
            yield from unlike.headers(ours.headers, same, other)
            yield from unlike.links(
                (ours.headers, ours.version, ours.path),
                [(e.headers, e.version, e.path) for e in theirs if e.headers is not None],
            )

    def _like_any(self, ours: Sample, bodies: list[Any]) -> Iterator[str]:
        """Compare with other situations. A field of the other family in this one is allowed."""
        how = unlike.How(self._words, ours.path, loose=True)
        found = list(unlike.bodies(ours.body, bodies, how))
        if exact := [each.body for each in self._kinds.get(ours.kind, [])]:
            never = set(unlike.bodies(ours.body, exact, how))
            found = [d for d in found if not d.endswith("is in no recording") or d in never]
        yield from found


def _distance(one: str, other: str) -> int:
    """The distance of two api-versions, in about days. A version that was not named is far away."""
    return abs(_days(one) - _days(other))


def _days(version: str) -> int:
    digits = version[:10].replace("-", "")
    if not digits.isdigit():
        return 0
    number = int(digits)
    return number // 10000 * 372 + number // 100 % 100 * 31 + number % 100


def compare(recorded: Recordings, answers: Iterable[Pair], *, like_any: bool = True) -> Found:
    """Compare the simulator's answers with the recordings.

    Args:
        recorded: all recordings.
        answers: the simulator's answers.
        like_any: whether a situation that was not recorded is compared with others of the same
            type. With few recordings this is no use, because they do not show all fields.
    """
    found = Found()
    given: set[str] = set()
    for pair in answers:
        for ours in samples(pair):
            given.add(ours.kind)
            theirs = recorded.comparable(ours)
            family = "" if ours.family == NEAREST else f" ({ours.family})"
            if theirs and theirs[0].kind != ours.kind:
                family = f"{family[:-1]}, like any {ours.broad})"
            if not theirs or not (like_any or theirs[0].kind == ours.kind):
                found.not_recorded.add(f"{ours.kind}{family}")
                continue
            found.compared.add(f"{ours.kind}{family}")
            for difference in recorded.differences(ours, theirs):
                where = f"{ours.kind}{family}: {difference}"
                found.differences.setdefault(where, theirs[-1].origin)
    found.not_asked = recorded.kinds - given
    return found
