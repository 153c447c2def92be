"""Clouds with many failed backups, and the simulator that plays them."""

import json
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from remediator.simulator.process import SimulatorProcess
from tests.command import environment

CODE: Final = "UserErrorGuestAgentStatusUnavailable"
_MESSAGE: Final = "VM agent is unable to communicate with the Azure Backup Service."
_START_TIMEOUT: Final = 120.0


def estate(subscriptions: int, each: int) -> dict[str, Any]:
    """A scenario: one vault in each subscription, and so many VMs whose last backup failed."""
    numbers = range(subscriptions)
    return {
        "subscriptions": {f"s{n}": str(uuid.UUID(int=(0x11 << 120) + n)) for n in numbers},
        "vaults": [
            {"name": f"vault-{n}", "subscription": f"s{n}", "group": f"rg-backup-{n}"}
            for n in numbers
        ],
        "vms": [
            {
                "name": f"vm{n}",
                "copies": each,
                "subscription": f"s{n}",
                "group": f"rg-app-{n}",
                "protection": {"vault": f"vault-{n}"},
                "collection": {"points": {"count": 2, "newest": "2d ago"}},
                "history": [{"at": "3h ago", "code": CODE, "message": _MESSAGE}],
            }
            for n in numbers
        ],
    }


@contextmanager
def playing(scenario: dict[str, Any], **how: Any) -> Iterator[SimulatorProcess]:
    """A simulator in its own process that plays a scenario. Its log is brief."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "scenario.yaml"
        path.write_text(json.dumps(scenario), encoding="utf-8")
        options: dict[str, Any] = {"time": "real", "brief_log": True}
        options |= {"start_timeout": _START_TIMEOUT} | how
        with SimulatorProcess(path, **options) as azure:
            yield azure


def pointed(azure: SimulatorProcess, state: str | Path) -> dict[str, str]:
    """The environment of a command that works on a simulator and keeps its runs in a folder."""
    ours = environment(azure, Path(state))
    ours.pop("REMEDIATE_POLL_INTERVAL")
    kept = {k: v for k, v in os.environ.items() if not re.match("PYTHONDONTWRITEBYTECODE", k)}
    return kept | ours
