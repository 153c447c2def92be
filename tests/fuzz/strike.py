"""Choose the answers that a rule alters. The seed decides, not the order of the answers."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.between import Asked, Told
from tests.dropout.kinds import kind_of


@dataclass
class Memory:
    """The answers so far, for rules that give another answer than the right one."""

    told: list[tuple[str, str, Told]] = field(default_factory=list)
    """Kind, path and answer. Only the first answers are kept."""
    host: str = ""
    """The address of the man in the middle."""

    def keep(self, kind: str, path: str, told: Told) -> None:
        """Keep an answer."""
        if len(self.told) < 200:
            self.told.append((kind, path, told))


_LOOKS = re.compile(r"(resourceGraph|backupStatus|backupPreValidate)", re.IGNORECASE)
"""Matches the path of a POST that only looks."""

Alter = Callable[[Random, Asked, Told, Memory], Told]
"""Alters an answer."""


@dataclass
class Strike:
    """A rule of the man in the middle: the alteration, and the answers that it hits."""

    name: str
    alter: Alter
    seed: str
    memory: Memory
    share: float
    """The share of the kinds of requests that are hit."""
    how: str
    """`always`; `once`: one of the first answers of a kind; `late`: all from one of them on."""
    steady: bool
    """Whether all answers of a kind are altered in the same way."""
    patient: bool = False
    """Whether to wait for the first change. Without that, most runs would do nothing."""
    hits: int = 0
    _counts: Counter[str] = field(default_factory=Counter)

    def __call__(self, asked: Asked, told: Told) -> Told:
        """The answer, altered if the rule hits it."""
        kind = kind_of(asked.method, asked.path, 200).lower()
        if self.patient:
            self.patient = not is_change(asked)
            if self.patient:
                return told
        self._counts[kind] += 1
        number = self._counts[kind]
        of_kind = Random(f"{self.seed} {kind}")
        if of_kind.random() >= self.share or not self._now(of_kind.randint(1, 4), number):
            return told
        chosen = f"{self.seed} {kind}" if self.steady else f"{self.seed} {kind} {number}"
        altered = self.alter(Random(f"{chosen} how"), asked, told, self.memory)
        self.hits += altered != told
        return altered

    def _now(self, chosen: int, number: int) -> bool:
        if self.how == "once":
            return number == chosen
        return number >= chosen if self.how == "late" else True


def is_change(asked: Asked) -> bool:
    """Whether a request may change something."""
    return asked.method not in ("GET", "HEAD") and not _LOOKS.search(asked.path)


@dataclass
class Listener:
    """A rule that only remembers the answers."""

    memory: Memory

    def __call__(self, asked: Asked, told: Told) -> Told:
        """Remember an answer."""
        self.memory.keep(kind_of(asked.method, asked.path, 200).lower(), asked.path, told)
        return told
