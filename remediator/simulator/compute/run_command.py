"""Run Command: the operation, not the guest.

No script is run. A machine whose agent is well answers as one in which the script printed nothing,
in the documented form of its system; what the script would have changed does not change. The agent
carries the command, so a silent one lets it time out: the error of that is unverified.
"""

from remediator.simulator.compute.operations import run
from remediator.simulator.compute.routes import VM, VM_KIND, vm_of
from remediator.simulator.compute.state import Vm
from remediator.simulator.reply import ArmError, Json, Reply
from remediator.simulator.routing import Call, Route

_SCRIPTS = {"windows": "RunPowerShellScript", "linux": "RunShellScript"}
_SECONDS = 30.0


def _row(code: str, message: str) -> Json:
    return {
        "code": code,
        "level": "Info",
        "displayStatus": "Provisioning succeeded",
        "message": message,
    }


def _output(vm: Vm) -> Json:
    if vm.os == "linux":
        text = "Enable succeeded: \n[stdout]\n\n[stderr]\n"
        return {"value": [_row("ProvisioningState/succeeded", text)]}
    return {
        "value": [
            _row("ComponentStatus/StdOut/succeeded", ""),
            _row("ComponentStatus/StdErr/succeeded", ""),
        ]
    }


def _run(call: Call) -> Reply:
    vm = vm_of(call)
    wanted = str((call.body or {}).get("commandId", ""))
    if wanted != _SCRIPTS[vm.os]:
        raise ArmError(
            404, "NotFound", f"The entity was not found: command '{wanted}'.", envelope="compute"
        )
    if vm.power != "running":
        raise ArmError(
            409,
            "OperationNotAllowed",
            "The operation requires the VM to be running (or set to run).",
            envelope="compute",
        )

    def effect() -> Json | None:
        if vm.agent.well:
            return None
        return {
            "code": "VMAgentStatusCommunicationError",
            "message": f"VM '{vm.name}' has not reported status for VM agent or extensions.",
        }

    place = (vm.subscription, vm.location)
    return run(call, place, _SECONDS, effect, retry_after=10, poll_after=10, output=_output(vm))


ROUTES = [Route("POST", f"{VM}/runCommand", f"{VM_KIND}/runCommand/action", _run)]
