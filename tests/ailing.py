"""VMs with an ailment, as a scenario tells them, and what of them has been tried before."""

from pathlib import Path
from typing import Any, Final

from tests.evidence import FULL, scenario

OFF = {"power": "deallocated", "extensions": [], "scheduled_backup": "3h ago"}
"""A VM that has never been backed up, and is off."""

AGENT_CERTIFICATE = {
    "os": "linux",
    "ailments": [{"code": "GuestAgentCertificateNotFound", "cured_by": "start"}],
    "on_demand_backup": "4h ago",
}
"""A running VM that deallocating and starting cures."""

WORN = {
    "collection": {"group": "AzureBackupRG_westeurope_1", "points": {"count": 3}},
    "history": [
        {"at": "22h ago", "user_triggered": True, "code": "UserErrorRpCollectionLimitReached"},
        {"at": "15h ago", "user_triggered": True, "code": "UserErrorRpCollectionLimitReached"},
        {"at": "9h ago", "user_triggered": True, "code": "UserErrorRpCollectionLimitReached"},
        {"at": "1h ago", "code": "UserErrorRpCollectionLimitReached"},
    ],
}
"""A VM where the clean-up has failed and few points are left: the collection goes next."""

TRIED = 3
"""So many backups that a user triggered are in that history."""

QUIET = {
    "agent": {"state": "not-ready", "cured_by": ["restart"], "takes": "60s"},
    "collection": {"points": {"count": 2, "newest": "1d ago"}},
    "on_demand_backup": "2h ago",
    "scheduled_backup": "1h ago",
}
"""A VM whose agent is silent, and whose first remedy has been tried: a restart is next."""

STUCK: Final[dict[str, Any]] = {
    "extensions": [{"name": "VMSnapshot", "state": "failed"}],
    "collection": {"points": {"count": 2, "newest": "1d ago"}},
    "scheduled_backup": "3h ago",
}
"""A VM whose backup extension has failed: it is uninstalled."""


def full(folder: Path, transfer: str) -> Path:
    """A VM of whose 18 points 16 are to be deleted; how long its backups take to the vault."""
    vm = {
        "collection": {
            "group": "AzureBackupRG_westeurope_1",
            "points": {"count": 18, "newest": "1d ago", "snapshot_only_newest": 2},
        },
        "backup": {"cleanup": "broken", "transfer_takes": transfer},
        "on_demand_backup": "8h ago",
        "scheduled_backup": "3h ago",
    }
    return scenario(folder, vm)


def locked_twice(folder: Path, second: str) -> Path:
    """A full VM with a lock on its restore points' group, and another one."""
    vm = {"collection": FULL, "scheduled_backup": "3h ago"}
    first = {"name": "first", "scope": "group:AzureBackupRG_westeurope_1"}
    return scenario(folder, vm, locks=[first, {"name": "second", "scope": second}])
