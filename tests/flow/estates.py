"""Scenarios of several subscriptions, and what a scan of them says."""

import json
from pathlib import Path
from typing import Any, Final

from remediator.simulator.process import SimulatorProcess
from tests.command import Ended, environment, remediate

MAIN: Final = "11111111-1111-1111-1111-111111111111"
APPS: Final = "22222222-2222-2222-2222-222222222222"
DATA: Final = "33333333-3333-3333-3333-333333333333"

CODE: Final = "UserErrorGuestAgentStatusUnavailable"
POINTS: Final[dict[str, Any]] = {"points": {"count": 2, "newest": "30h ago"}}


def vm(name: str, subscription: str, **more: Any) -> dict[str, Any]:
    """A VM of a subscription whose backup failed three hours ago."""
    return {
        "name": name,
        "subscription": subscription,
        "group": f"rg-{subscription}",
        "protection": {"vault": f"vault-{subscription}"},
        "collection": POINTS,
        "history": [{"at": "3h ago", "code": CODE}],
    } | more


def estate(folder: Path, *vms: dict[str, Any], **more: Any) -> Path:
    """A scenario with three subscriptions, and one vault in each."""
    ids = {"main": MAIN, "apps": APPS, "data": DATA}
    vaults = [{"name": f"vault-{name}", "subscription": name} for name in ids]
    path = folder / "estate.yaml"
    told = {"subscriptions": ids, "vaults": vaults, "vms": list(vms)} | more
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def scanned(azure: SimulatorProcess, folder: Path, *options: str) -> Ended:
    """Run `remediate scan` and let it answer with JSON."""
    return remediate("scan", "--format", "json", *options, env=environment(azure, folder))


def standings(ended: Ended) -> dict[str, str]:
    """The standing of each VM, worst first."""
    return {target["vm"]: target["standing"] for target in ended.json()["targets"]}
