"""Simulators whose clock stands still."""

from pathlib import Path

from remediator.simulator.process import SimulatorProcess


def stepped(scenario: str | Path = "limit-reached") -> SimulatorProcess:
    """A cloud whose clock stands still: nothing happens by itself."""
    return SimulatorProcess(scenario, time="stepped")
