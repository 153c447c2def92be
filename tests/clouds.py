"""Simulators whose clock stands still or runs fast."""

from pathlib import Path

from remediator.simulator.process import SimulatorProcess
from tests.command import SPEED


def stepped(scenario: str | Path = "limit-reached") -> SimulatorProcess:
    """A simulator whose clock stands still. Nothing happens by itself."""
    return SimulatorProcess(scenario, time="stepped")


def fast(scenario: str | Path = "limit-reached", speed: float = SPEED) -> SimulatorProcess:
    """A simulator whose clock runs fast. A backup takes half a second."""
    return SimulatorProcess(scenario, time="fast", speed=speed)
