"""Run one of the tool's own scripts in the guest, by Run Command."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, field_validator

from remediator.actions._on_vm import OnVm
from remediator.change.guest import COMMANDS, guest_script, script_names
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.facts import AgentState, Facts, PowerState, Vm


class RunGuestScript(OnVm):
    """Run a script in the guest, and record its report of the state before and after.

    The effect cannot be proved from outside. Only the guest knows the changes, and the next backup
    shows whether they helped. The VM must run and its agent must answer. One command runs at a
    time.
    """

    action: Literal["run-guest-script"] = "run-guest-script"
    script: str = Field(description="A file of playbooks/scripts, without its ending.")

    @field_validator("script")
    @classmethod
    def _is_ours(cls, name: str) -> str:
        if name not in script_names():
            raise ValueError(f"no such script; there are {', '.join(sorted(script_names()))}")
        return name

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
