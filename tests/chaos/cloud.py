"""The simulated cloud of a round: one VM for each remediation, with several kinds of failure."""

from dataclasses import dataclass
from typing import Any

_VM_PER_VAULT = 20
_POINTS = {"count": 2, "newest": "1d ago"}
_FULL = {"count": 18, "newest": "1d ago"}
_SCRIPT_DONE = (
    '{"script": "com-plus", "version": 1, "before": {}, "changed": ["done"], "after": {}, '
    '"undo": null, "problem": null}'
)


@dataclass(frozen=True)
class Kind:
    """One kind of failure, and its remedy."""

    name: str
    part: dict[str, Any]
    """The VM's part of the scenario."""
    allow: tuple[str, ...] = ()
    locked: bool = False
    """Whether the VM's restore points have a lock of their own."""
    puts_back: bool = False
    """Whether to use the playbook that puts the lock back."""
    job: int = -1
    """The index of the failed job that is remedied."""


KINDS = (
    Kind("lock, left off", {"collection": {"points": _FULL}}, locked=True),
    Kind("lock, put back", {"collection": {"points": _FULL}}, locked=True, puts_back=True),
    Kind(
        "extension stuck",
        {"extensions": [{"name": "VMSnapshot", "state": "deleting"}]},
        allow=("downtime",),
    ),
    Kind(
        "provisioning failed",
        {"provisioning": {"state": "failed", "cured_by": "reapply", "message": "Not finished."}},
        allow=("downtime",),
    ),
    Kind(
        "script in the guest",
        {
            "ailments": [
                {"code": "ExtensionSnapshotFailedCOM", "cured_by_script": ["COMSysApp"]},
            ],
            "guest": {
                "answers": [{"when": ["$scriptName = 'com-plus'"], "stdout": _SCRIPT_DONE}],
            },
        },
        allow=("guest",),
    ),
    Kind(
        "off, put back to rest",
        {"power": "deallocated", "extensions": [], "collection": []},
        allow=("cost",),
    ),
    Kind("lock, put back", {"collection": {"points": _FULL}}, locked=True, puts_back=True),
    Kind(
        "restore points deleted",
        {
            "collection": {"points": _FULL | {"snapshot_only_newest": 2}},
            "backup": {"cleanup": "broken"},
            "on_demand_backup": "8h ago",
        },
        allow=("destructive",),
        job=0,
    ),
)


@dataclass(frozen=True)
class Vm:
    """A VM that needs a remedy."""

    name: str
    kind: Kind

    @property
    def service_cleans(self) -> bool:
        """Whether Azure Backup itself deletes old restore points of the VM."""
        return "backup" not in self.kind.part


def vms(count: int) -> tuple[Vm, ...]:
    """So many VMs, with all kinds of failure in turn."""
    return tuple(Vm(f"vm-{n:03}", KINDS[n % len(KINDS)]) for n in range(count))


def scenario(machines: tuple[Vm, ...]) -> dict[str, Any]:
    """The scenario with these VMs."""
    vaults = -(-len(machines) // _VM_PER_VAULT)
    return {
        "vaults": [{"name": f"vault-{n}"} for n in range(vaults)],
        "vms": [_part(n, each) for n, each in enumerate(machines)],
        "locks": [
            {"name": "keep", "scope": f"group:{_group(n)}", "notes": "Do not 'delete'"}
            for n, each in enumerate(machines)
            if each.kind.locked
        ],
    }


def _part(number: int, vm: Vm) -> dict[str, Any]:
    part = {
        "name": vm.name,
        "protection": {"vault": f"vault-{number // _VM_PER_VAULT}"},
        "collection": {"points": _POINTS},
        "scheduled_backup": "3h ago",
    } | vm.kind.part
    if isinstance(part["collection"], dict):
        part["collection"] = part["collection"] | {"group": _group(number)}
    return part


def _group(number: int) -> str:
    return f"AzureBackupRG_westeurope_{number + 1}"
