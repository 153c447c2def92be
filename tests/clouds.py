"""Simulators whose clock stands still, or runs fast."""

from pathlib import Path

from remediator.simulator.process import SimulatorProcess
from tests.command import SPEED


def stepped(scenario: str | Path = "limit-reached") -> SimulatorProcess:
    """A cloud whose clock stands still: nothing happens by itself."""
    return SimulatorProcess(scenario, time="stepped")


def fast(scenario: str | Path = "limit-reached", speed: float = SPEED) -> SimulatorProcess:
    """A cloud whose clock runs fast: a backup takes half a second."""
    return SimulatorProcess(scenario, time="fast", speed=speed)
