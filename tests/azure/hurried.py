"""Waits that take no time: an event loop that jumps to its next timer."""

import asyncio
import selectors
import time
from collections.abc import Coroutine
from typing import Any


class Hurried(asyncio.SelectorEventLoop):
    """An event loop that jumps to the next timer instead of waiting for it."""

    def __init__(self) -> None:
        self._ahead = 0.0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        return time.monotonic() + self._ahead

    def jump(self, seconds: float) -> None:
        self._ahead += seconds


class _Jumping(selectors.DefaultSelector):
    def __init__(self, loop: Hurried) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0 if timeout is None or timeout > 0 else timeout)
        if not ready and timeout:
            self._loop.jump(timeout)
        return ready


def hurried(work: Coroutine[Any, Any, float]) -> float:
    with asyncio.Runner(loop_factory=Hurried) as runner:
        return runner.run(work)
