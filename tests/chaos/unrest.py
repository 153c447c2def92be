"""What happens by itself while the tool is at work: at random moments, until its end."""

import threading
from random import Random
from types import TracebackType
from typing import Self


class Unrest:
    """``with`` it, `happen` is called again and again in a thread of its own."""

    def __init__(self, name: str, rng: Random, every: float) -> None:
        """Unrest.

        Args:
            name: of its thread.
            rng: of every choice.
            every: real seconds between two happenings, on average.
        """
        self._rng = rng
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._pass, name=name)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _pass(self) -> None:
        while not self._over.wait(self._rng.expovariate(1 / self._every)):
            self.happen()

    def happen(self) -> None:
        """What happens once."""
        raise NotImplementedError
