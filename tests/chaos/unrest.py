"""Events at random moments, while the tool is at work."""

import threading
from random import Random
from types import TracebackType
from typing import Self


class Unrest:
    """Within ``with``, a thread of its own calls `happen` again and again."""

    def __init__(self, name: str, rng: Random, every: float) -> None:
        """Prepare the thread.

        Args:
            name: the name of the thread.
            rng: the source of every choice.
            every: real seconds between two events, on average.
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
        """One event."""
        raise NotImplementedError
