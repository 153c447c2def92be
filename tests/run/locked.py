"""A VM whose restore points are locked, on a cloud whose clock runs fast."""

from pathlib import Path

from remediator.simulator.process import SimulatorProcess
from tests.command import SPEED
from tests.evidence import FULL, scenario

KEEP = {"name": "keep", "scope": "group:AzureBackupRG_westeurope_1"}
"""The lock on its restore points."""

LOCKED = {"collection": FULL, "scheduled_backup": "1h ago"}


def cloud(folder: Path) -> SimulatorProcess:
    """The cloud with this VM and this lock."""
    return SimulatorProcess(scenario(folder, LOCKED, locks=[KEEP]), time="fast", speed=SPEED)
