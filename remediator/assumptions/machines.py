"""Assumptions about virtual machines and their own data."""

from typing import Any, Final

from remediator.assumptions.assumption import Area, Assumption, every, some
from remediator.assumptions.seen import Seen, Thing

_VIEW: Final = ("properties", "instanceView")
_AGENT: Final = frozenset(
    {
        ("provisioningstate/succeeded", "ready"),
        ("provisioningstate/unavailable", "not ready"),
    }
)


def _viewed(seen: Seen) -> list[Thing]:
    return [vm for vm in seen.machines if vm.rows(*_VIEW, "statuses")]


def _kinds(vm: Thing) -> set[str]:
    return {str(s.get("code", "")).partition("/")[0] for s in vm.rows(*_VIEW, "statuses")}


def _agents(seen: Seen) -> list[dict[str, Any]]:
    return [status for vm in seen.machines for status in vm.rows(*_VIEW, "vmAgent", "statuses")]


def _spoken(status: dict[str, Any]) -> tuple[str, str]:
    return str(status.get("code", "")).lower(), str(status.get("displayStatus", "")).lower()


def _extensions(seen: Seen, *, in_list: bool) -> list[dict[str, Any]]:
    return [row for vm in seen.machines if vm.in_list is in_list for row in vm.rows("resources")]


def _status_only(seen: Seen) -> list[Thing]:
    return [vm for vm in seen.machines if vm.in_list and "statusonly=true" in vm.pair.uri.lower()]


ASSUMPTIONS: Final = (
    Assumption(
        "instance-view-tells-both-states",
        Area.MACHINES,
        "An instance view has one status ProvisioningState/... and, for a VM that was started "
        "once, one PowerState/....",
        "Power and provisioning are read from there.",
        lambda seen: every(
            _viewed(seen),
            lambda vm: "ProvisioningState" in _kinds(vm),
            lambda vm: "+".join(sorted(_kinds(vm))),
        ),
    ),
    Assumption(
        "words-of-the-agent",
        Area.MACHINES,
        "An agent is ProvisioningState/succeeded and Ready, or ProvisioningState/Unavailable and "
        "Not Ready.",
        "What is neither is taken for not ready.",
        lambda seen: every(
            _agents(seen),
            lambda status: _spoken(status) in _AGENT,
            lambda status: f"{status.get('code')} {status.get('displayStatus')}",
        ),
    ),
    Assumption(
        "agent-tells-when",
        Area.MACHINES,
        "A status of the agent has a time.",
        "The tool notices by it that an agent is silent.",
        lambda seen: every(_agents(seen), lambda status: isinstance(status.get("time"), str)),
    ),
    Assumption(
        "list-of-vms-has-extensions-by-id",
        Area.MACHINES,
        "A list of VMs has only the id of each extension.",
        "The tool does not use what a list says about extensions.",
        lambda seen: every(_extensions(seen, in_list=True), lambda row: row.keys() <= {"id"}),
    ),
    Assumption(
        "vm-has-whole-extensions",
        Area.MACHINES,
        "A VM that is asked for has its extensions with publisher and type.",
        "They tell Azure Backup's own extension from others.",
        lambda seen: every(
            _extensions(seen, in_list=False),
            lambda row: (
                isinstance(row.get("properties"), dict) and "publisher" in row["properties"]
            ),
        ),
    ),
    Assumption(
        "status-list-tells-power",
        Area.MACHINES,
        "The list of VMs with statusOnly=true tells the power state of each.",
        "A fleet's states could be read by one request for 200 VMs.",
        lambda seen: every(_status_only(seen), lambda vm: "PowerState" in _kinds(vm)),
    ),
    Assumption(
        "status-list-tells-the-agent",
        Area.MACHINES,
        "The list of VMs with statusOnly=true tells the state of the agent.",
        "Otherwise each VM has to be asked for it.",
        lambda seen: some(
            vm for vm in _status_only(seen) if vm.rows(*_VIEW, "vmAgent", "statuses")
        ),
    ),
)
