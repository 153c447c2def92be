"""Groups whose names have letters beyond ASCII. Azure spells them in any casing."""

from pathlib import Path
from typing import Any

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.altered import fix_through, rows, when
from tests.between import Between
from tests.command import SPEED
from tests.evidence import locks, scenario

GROUPS = ("RG-GRÖSSE", "БЭКАП", "ΑΘΗΝΑ")


@pytest.mark.parametrize("group", GROUPS)
def test_a_vm_is_known_in_any_casing_of_its_group(tmp_path: Path, group: str) -> None:
    """Otherwise the collection would not count as the VM's, and the run would remove no lock."""
    full = {"group": "AzureBackupRG_westeurope_1", "points": {"count": 18, "newest": "1d ago"}}
    vm = {"group": group, "collection": full, "scheduled_backup": "1h ago"}
    keep = {"name": "keep", "scope": "group:AzureBackupRG_westeurope_1"}

    def small(row: dict[str, Any]) -> dict[str, Any]:
        source = row["properties"]["source"]
        source["id"] = source["id"].replace(group, group.lower())
        return row

    path = scenario(tmp_path, vm, locks=[keep])
    with (
        SimulatorProcess(path, time="fast", speed=SPEED) as azure,
        Between(azure) as middle,
    ):
        middle.rules = [when("GET", "/restorePointCollections", rows(small))]
        fix_through(middle, azure, tmp_path).check(0)
        assert [w["method"] for w in azure.writes()] == ["DELETE", "POST"]
        assert locks(azure) == []
