"""Run one of the tool's own scripts in the guest, by Run Command."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import ClassVar, Final, Literal

from pydantic import Field, field_validator

from remediator.actions._on_vm import OnVm
from remediator.change.guest import COMMANDS, guest_script, script_names
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.facts import AgentState, Facts, Known, Outset, PowerState, Source, Unknown, Vm
from remediator.moments import shown

COMES_WITHIN: Final = timedelta(seconds=90)
"""The scripts order the agent's restart for 30 seconds (Linux) or a minute (Windows) later."""

RUNS_OUT: Final = timedelta(minutes=10)
"""Our own value: a report that is older is not one of a healthy agent, which reports every few
minutes."""

BACK_WITHIN: Final = timedelta(minutes=30)
"""Our own value: for the restart, or the package's installation, and the first report after it."""


class RunGuestScript(OnVm):
    """Run a script in the guest, and record its report of the state before and after.

    The effect cannot be proved from outside. Only the guest knows the changes, and the next backup
    shows whether they helped. The VM must run and its agent must answer. One command runs at a
    time.
    """

    seen_in: ClassVar = frozenset({Source.VM})
    awaited: ClassVar = "the VM agent, back from what the script ordered"
    changes: ClassVar = frozenset({"agent"})
    once: ClassVar = True
    action: Literal["run-guest-script"] = "run-guest-script"
    script: str = Field(description="A file of playbooks/scripts, without its ending.")

    @field_validator("script")
    @classmethod
    def _is_ours(cls, name: str) -> str:
        if name not in script_names():
            raise ValueError(f"no such script; there are {', '.join(sorted(script_names()))}")
        return name

    def settled(self, _target: str, facts: Facts) -> bool | Unknown:
        """Whether the agent is back from the restart or the update that the script ordered.

        It is back when it is ready and has reported after the restart was due; after an update it
        must have a newer version too. If the platform does not tell the time of the report, being
        ready counts only when an old report would have run out.
        """
        outset, at = facts.outset, facts.latest()
        match facts.vm:
            case Known(value=vm) if outset and at:
                if self._is_back(vm, outset, at):
                    return True
                if at - outset.at < BACK_WITHIN:
                    return False
                told = f"it is {vm.agent}, version {vm.agent_version}"
                return Unknown(f"{told}, last heard at {shown(vm.agent_heard)}")
            case Unknown(reason=reason):
                return Unknown(reason)
            case _:
                return Unknown("the VM, or Azure's time, is not known")

    def _is_back(self, vm: Vm, outset: Outset, at: datetime) -> bool:
        if vm.agent is not AgentState.READY:
            return False
        if self.script == "update-agent" and not (
            _version(vm.agent_version) > _version(outset.agent_version) > ()
        ):
            return False
        if vm.agent_heard is None:
            return at > outset.at + RUNS_OUT
        return vm.agent_heard > outset.at + COMES_WITHIN

    def on(self, vm: Vm, facts: Facts, source: str) -> Iterator[Step]:
        """One change, or the reason for no change."""
        script = guest_script(self.script, vm.os)
        if script is None:
            yield self.held(vm.id, f"{self.script} is not for {vm.os or 'an unknown system'}")
        elif vm.power is not PowerState.RUNNING or vm.agent is not AgentState.READY:
            told = f"the VM is {vm.power} and its agent {vm.agent}: the script would not run"
            yield self.held(vm.id, f"{told} ({source})")
        else:
            yield self.forbidden(facts, vm.id) or self.change(
                Operation.RUN_SCRIPT,
                vm.id,
                what=f"run script {script.name} in {vm.name}",
                why=(
                    script.does,
                    f"the whole script is in playbooks/{script.file}, and in the plan's JSON",
                    f"the VM runs and its agent is ready ({source})",
                ),
                before={"script": script.name},
                after={"guest": "as it was" if script.only_looks else "as the script then says"},
                impact=Impact.GUEST,
                undo="not needed: it changes nothing"
                if script.only_looks
                else "the script saves the former state in the guest, and says where",
                body={"commandId": COMMANDS[vm.os], "script": script.text.splitlines()},
                go_on_unsettled=script.only_looks,
            )


def _version(told: str) -> tuple[int, ...]:
    """The numbers of a version. Empty when it is not told."""
    return tuple(int(part) for part in re.findall(r"\d+", told))
