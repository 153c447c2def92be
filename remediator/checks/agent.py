"""The VM agent: article step 2."""

import re
from datetime import timedelta
from typing import Final

from remediator.checks.check import Answer, Area, Check, failed, left_open, not_there, passed
from remediator.checks.vm import of_vm
from remediator.facts import AgentState, Known, PowerState, Readings, Source, Vm
from remediator.language import marked
from remediator.moments import shown

OLDEST_WINDOWS: Final = (2, 6, 1198, 718)
"""The oldest Windows agent that Azure Backup's articles accept."""

LONGEST_SILENCE: Final = timedelta(minutes=30)
"""Our own value. A healthy agent reports every few minutes. A VM that was shut down from within
looks the same for a while."""

_VERSION = re.compile(r"\d+(?:\.\d+){1,3}")


def _ready(vm: Vm, source: str) -> Answer:
    match vm.agent:
        case AgentState.READY if vm.agent_message:
            return passed("ready; it says: {message}", source, message=vm.agent_message)
        case AgentState.READY:
            return passed("ready", source)
        case _ if vm.power is not PowerState.RUNNING:
            return left_open("the VM does not run", source)
        case AgentState.NOT_READY:
            return failed(
                "not ready; the platform last heard: {message}",
                source,
                marked(
                    "Reapply the VM's state, then restart the VM; inside it, look whether the "
                    "agent's service runs."
                ),
                message=vm.agent_message or "-",
            )
        case AgentState.ABSENT:
            return failed(
                "no agent has ever reported to the platform",
                source,
                marked("Install the VM agent in the guest, then back up again."),
            )


def _version(vm: Vm, source: str) -> Answer:
    if not _VERSION.fullmatch(vm.agent_version):
        return left_open("the agent does not report its version", source)
    if vm.os != "windows":
        return passed(
            "{version}; the distribution's repository says whether it is the newest",
            source,
            version=vm.agent_version,
        )
    if tuple(int(part) for part in vm.agent_version.split(".")) < OLDEST_WINDOWS:
        return failed(
            "{version} is older than {oldest}",
            source,
            marked("Install the newest VM agent while no backup runs."),
            version=vm.agent_version,
            oldest=".".join(map(str, OLDEST_WINDOWS)),
        )
    return passed("{version}", source, version=vm.agent_version)


def _allowed(vm: Vm, source: str) -> Answer:
    if vm.agent_wanted is False and vm.agent is not AgentState.READY:
        return failed(
            "the VM was made without its agent (provisionVMAgent is false)",
            source,
            marked("Install the VM agent in the guest by hand."),
        )
    if vm.extensions_allowed is False:
        return failed(
            "extensions are forbidden (allowExtensionOperations is false)",
            source,
            marked("Allow extension operations on the VM: the backup needs its extension."),
        )
    if vm.agent_wanted is None and vm.extensions_allowed is None:
        return left_open("the VM does not say", source)
    return passed("the VM allows agent and extensions", source)


def _heard(about: Readings) -> Answer:
    match about.vm:
        case Known(value=vm, source=source):
            if vm.power is not PowerState.RUNNING:
                return left_open("the VM does not run", source)
            if vm.agent_heard is None:
                return left_open("the platform does not say when", source)
            if about.subject.now - vm.agent_heard <= LONGEST_SILENCE:
                return passed("last report at {at}", source, at=shown(vm.agent_heard))
            return failed(
                "last report at {at}, although Azure says that the VM runs",
                source,
                marked(
                    "It may have been shut down from within: look at its screen (boot "
                    "diagnostics), then stop and start it through Azure."
                ),
                at=shown(vm.agent_heard),
            )
        case fact:
            return not_there(fact, "virtual machine")


_VM: Final = frozenset({Source.VM})

CHECKS: Final = (
    Check("agent-ready", Area.AGENT, "The VM agent answers", _VM, of_vm(_ready), of_agent=True),
    Check(
        "agent-heard", Area.AGENT, "The VM agent has reported recently", _VM, _heard, of_agent=True
    ),
    Check(
        "agent-version",
        Area.AGENT,
        "The VM agent is new enough",
        _VM,
        of_vm(_version),
        of_agent=True,
    ),
    Check(
        "agent-allowed", Area.AGENT, "The VM allows extensions", _VM, of_vm(_allowed), of_agent=True
    ),
)
