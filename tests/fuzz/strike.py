"""Which answers a rule alters: chosen by the seed, and not by the order in which they come."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.between import Asked, Told
from tests.dropout.kinds import kind_of


@dataclass
class Memory:
    """What went by so far, for rules that answer with something else than what was asked for."""

    told: list[tuple[str, str, Told]] = field(default_factory=list)
    """Kind, path, answer; of the first answers only."""
    host: str = ""
    """Where the man in the middle is reached."""

    def keep(self, kind: str, path: str, told: Told) -> None:
        """Remember an answer."""
        if len(self.told) < 200:
            self.told.append((kind, path, told))


_LOOKS = re.compile(r"(resourceGraph|backupStatus|backupPreValidate)", re.IGNORECASE)
"""In the path of what is posted only to look."""

Alter = Callable[[Random, Asked, Told, Memory], Told]
"""Makes another answer of an answer."""


@dataclass
class Strike:
    """A rule of the man in the middle: what is done, and to which answers."""

    name: str
    alter: Alter
    seed: str
    memory: Memory
    share: float
    """Of the kinds of requests, how many are struck."""
    how: str
    """`always`; `once`, in one of the first answers of a kind; `late`, from some answer on."""
    steady: bool
    """Whether all answers of a kind are altered in the same way."""
    patient: bool = False
    """Whether nothing is altered before the first change was sent: else most runs do nothing."""
    hits: int = 0
    _counts: Counter[str] = field(default_factory=Counter)

    def __call__(self, asked: Asked, told: Told) -> Told:
        """The answer that goes on."""
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
    """A rule that alters nothing, and remembers."""

    memory: Memory

    def __call__(self, asked: Asked, told: Told) -> Told:
        """Remember an answer."""
        self.memory.keep(kind_of(asked.method, asked.path, 200).lower(), asked.path, told)
        return told
