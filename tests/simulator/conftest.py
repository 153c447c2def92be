import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import pytest

from remediator.simulator.process import SimulatorProcess
from remediator.simulator.server import Simulator

from .client import Client

Start = Callable[..., Client]
Play = Callable[..., Client]


class SimulatorThread(SimulatorProcess):
    """A simulator in this process, with the same interface. It starts in a tenth of the time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, scenario: Any, **options: Any) -> None:
        super().__init__(scenario)
        self._loop = loop
        self._scenario = str(scenario)
        self._how = {"time": "stepped"} | options
        self._simulator: Simulator | None = None

    def start(self) -> Self:
        async def begin() -> Simulator:
            simulator = Simulator(self._scenario, **self._how)
            await simulator.start()
            return simulator

        self._simulator = asyncio.run_coroutine_threadsafe(begin(), self._loop).result(10)
        assert self._simulator.ready is not None
        for name, value in self._simulator.ready.as_json().items():
            setattr(self, name, value)
        return self

    def stop(self) -> None:
        if self._simulator is not None:
            asyncio.run_coroutine_threadsafe(self._simulator.stop(), self._loop).result(10)


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop in its own thread, for the simulators."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def start(loop: asyncio.AbstractEventLoop) -> Iterator[Start]:
    """Start simulators that stop with the test."""
    with ExitStack() as stack:

        def begin(scenario: Any, **options: Any) -> Client:
            return Client(stack.enter_context(SimulatorThread(loop, scenario, **options)))

        yield begin


@pytest.fixture
def play(start: Start, tmp_path: Path) -> Play:
    """Start a simulator with a scenario that the test writes as text."""

    def begin(text: str, **options: Any) -> Client:
        scenario = tmp_path / "scenario.yaml"
        scenario.write_text(text, encoding="utf-8")
        return start(scenario, **options)

    return begin


@pytest.fixture(scope="session")
def demo() -> Iterator[Client]:
    """The scenario `demo` in its own process, for tests that only read."""
    with SimulatorProcess("demo") as cloud:
        yield Client(cloud)
