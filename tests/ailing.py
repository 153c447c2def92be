"""VMs with an ailment, as scenarios describe them, with the remedies already tried on them."""

from pathlib import Path
from typing import Any, Final

from tests.evidence import FULL, scenario

OFF = {"power": "deallocated", "extensions": [], "scheduled_backup": "3h ago"}
"""A VM that is off and has never been backed up."""

AGENT_CERTIFICATE = {
    "os": "linux",
    "ailments": [{"code": "GuestAgentCertificateNotFound", "cured_by": "start"}],
    "on_demand_backup": "4h ago",
}
"""A running VM whose ailment ends when it is deallocated and started."""

WORN = {
    "collection": {"group": "AzureBackupRG_westeurope_1", "points": {"count": 3}},
    "history": [
        {"at": "22h ago", "user_triggered": True, "code": "UserErrorRpCollectionLimitReached"},
        {"at": "15h ago", "user_triggered": True, "code": "UserErrorRpCollectionLimitReached"},
        {"at": "9h ago", "user_triggered": True, "code": "UserErrorRpCollectionLimitReached"},
        {"at": "1h ago", "code": "UserErrorRpCollectionLimitReached"},
    ],
}
"""A VM whose clean-up has failed. Few points are left, so the collection is deleted next."""

CRAMPED: Final[dict[str, Any]] = {
    "collection": {
        "group": "AzureBackupRG_westeurope_1",
        "points": {"count": 18, "every": "2h", "newest": "2h ago"},
    },
    "backup": {"cleanup": "broken"},
    "history": [
        {"at": "9h ago", "user_triggered": True, "code": "UserErrorRpCollectionLimitReached"},
        {"at": "1h ago", "code": "UserErrorRpCollectionLimitReached"},
    ],
}
"""A VM whose clean-up has failed. One of its points has to go, and no policy has expired it."""

TRIED = 3
"""The number of backups in that history that a user triggered."""

QUIET = {
    "agent": {"state": "not-ready", "cured_by": ["restart"], "takes": "60s"},
    "collection": {"points": {"count": 2, "newest": "1d ago"}},
    "on_demand_backup": "2h ago",
    "scheduled_backup": "1h ago",
}
"""A VM whose agent is silent. The first remedy has been tried, so a restart is next."""

STUCK: Final[dict[str, Any]] = {
    "extensions": [{"name": "VMSnapshot", "state": "failed"}],
    "collection": {"points": {"count": 2, "newest": "1d ago"}},
    "scheduled_backup": "3h ago",
}
"""A VM whose backup extension has failed. The remedy uninstalls it."""


def full(folder: Path, transfer: str) -> Path:
    """A VM with 18 points, 16 of them to be deleted. `transfer`: how long its backups take."""
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
    """A VM with too many points, one lock on their group, and a second lock elsewhere."""
    vm = {"collection": FULL, "scheduled_backup": "3h ago"}
    first = {"name": "first", "scope": "group:AzureBackupRG_westeurope_1"}
    return scenario(folder, vm, locks=[first, {"name": "second", "scope": second}])
