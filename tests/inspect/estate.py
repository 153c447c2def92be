"""The VMs whose answers these tests alter, and the consent that a run of them gets."""

from typing import Any

from tests.evidence import FULL

Json = dict[str, Any]

STUCK = {"stuck_deleting": True, "points": {"count": 3, "newest": "1d ago"}}
MARKED = {"collection": STUCK, "scheduled_backup": "3h ago"}
"""A VM whose restore points are marked for deletion, but the deletion makes no progress."""

LOCKED: Json = {"collection": FULL, "scheduled_backup": "3h ago"}
KEEP = {"name": "keep", "scope": "group:AzureBackupRG_westeurope_1"}
"""The lock on its restore points."""

COLLECTION = "/restorePointCollections/AzureBackup_web_[0-9]+"
ALL = ("--allow", "protection", "--allow", "destructive", "--allow-data-loss")
