"""The runs of the suite: the simulator's scenarios, and the cases of the four main fixes."""

from dataclasses import dataclass

from remediator.proving.casefile import Case, Expected, read
from remediator.simulator.process import SimulatorProcess
from tests.places import CASES, ROOT

_SCENARIOS = ROOT / "remediator" / "simulator" / "scenarios"

FIXES = {
    "take locks off": (
        "UserErrorRpCollectionLimitReached",
        "UserErrorResourceIsInLockedState",
        "UserErrorStorageAccountIsLocked",
    ),
    "delete restore point collections": (
        "UserErrorRpCollectionMarkedForDeletion",
        "UserErrorRpCollectionDeleted",
    ),
    "uninstall the extension": ("ExtensionStuckInDeletionState",),
    "back up again": (
        "UserErrorBackupOperationInProgress",
        "CopyingVHDsFromBackUpVaultTakingLongTime",
        "UserErrorVmNotInDesirableState",
        "UserErrorVmProvisioningStateFailed",
        "UserErrorBcmDatasourceNotPresent",
        "AzureVmOffline",
    ),
}
"""The main fixes, with the playbooks whose cases are played. The last three playbooks of
*back up again* restart or redeploy the VM, resume its protection, and start it for the backup."""


@dataclass(frozen=True)
class Played:
    """A case to play."""

    name: str
    fix: str
    """One of `FIXES`, or empty for a scenario."""
    case: Case


def all_played(azure: SimulatorProcess) -> list[Played]:
    """All runs, each once. A case with an unchanged scenario replaces the run of that scenario.

    If a playbook has the same case for several wordings of an error, only the first is played.

    Args:
        azure: a simulator, which tells the failed jobs of each scenario. It is reloaded.
    """
    found: dict[str, Played] = {}
    for fix, files in FIXES.items():
        for file in files:
            named = {c.name: c for c in reversed(read(CASES / f"{file}.yaml").cases)}
            for case in reversed(named.values()):
                found.setdefault(_key(case), Played(f"{file}: {case.name}", fix, case))
    for path in sorted(_SCENARIOS.glob("*.yaml")):
        azure.reload(path.stem)
        for vm in azure.state()["failed_jobs"]:
            case = Case(
                name=path.stem, scenario=path.stem, vm=vm, expect=Expected(steps=[], exit=0)
            )
            found.setdefault(_key(case), Played(f"scenario {path.stem}: {vm}", "", case))
    return list(found.values())


def _key(case: Case) -> str:
    return case.model_dump_json(include={"scenario", "vm", "job", "options"})
