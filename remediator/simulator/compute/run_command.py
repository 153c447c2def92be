"""Run Command: the operation, but not the guest.

No script is run. A VM whose agent is well answers in the documented form of its system: with the
output that the scenario gives its guest, or with none. A script changes what the scenario says that
such a script changes. The agent carries the command, so a command to a silent agent times out; the
error for that is unverified. Output is cut to its last 4,096 bytes, and a VM runs one command at a
time; both are documented.

The code with which a script ends shows only on some hosts with Windows: there the operation fails,
and the output is lost (Azure/azure-powershell#6343, Azure/azure-cli#6898). On other hosts with
Windows (MicrosoftDocs/azure-docs-cli#4542) and on Linux (Azure/azure-cli#14425) the operation
succeeds, and nothing tells the code.
"""

from remediator.simulator.compute import cures
from remediator.simulator.compute.operations import run
from remediator.simulator.compute.routes import VM, VM_KIND, vm_of
from remediator.simulator.compute.state import AgentRestart, Answer, Script, Vm
from remediator.simulator.reply import ArmError, Json, Reply
from remediator.simulator.routing import Call, Route
from remediator.simulator.world import World

_SCRIPTS = {"windows": "RunPowerShellScript", "linux": "RunShellScript"}
_OUTPUT_BYTES = 4096
_FAILED: Json = {
    "code": "VMExtensionProvisioningError",
    "message": "VM has reported a failure when processing extension 'RunCommandWindows'. "
    'Error message: "Finished executing command".',
}


def _row(code: str, message: str) -> Json:
    return {
        "code": code,
        "level": "Info",
        "displayStatus": "Provisioning succeeded",
        "message": message,
    }


def _last(text: str) -> str:
    return text.encode()[-_OUTPUT_BYTES:].decode(errors="ignore")


def _output(vm: Vm, answer: Answer) -> Json:
    stdout, stderr = _last(answer.stdout), _last(answer.stderr)
    if vm.os == "linux":
        text = f"Enable succeeded: \n[stdout]\n{stdout}\n[stderr]\n{stderr}"
        return {"value": [_row("ProvisioningState/succeeded", text)]}
    return {
        "value": [
            _row("ComponentStatus/StdOut/succeeded", stdout),
            _row("ComponentStatus/StdErr/succeeded", stderr),
        ]
    }


def _script(body: Json) -> Script:
    """Read the script's lines and its parameters. The parameters are a list of names and values."""
    lines = body.get("script") or []
    parameters = body.get("parameters") or []
    if not isinstance(lines, list) or not isinstance(parameters, list):
        raise ArmError(400, "InvalidParameter", "The script is not a list.", envelope="compute")
    return Script(
        "\n".join(str(line) for line in lines),
        {str(each.get("name")): str(each.get("value")) for each in parameters},
    )


def _restart_agent(world: World, vm: Vm, order: AgentRestart) -> None:
    """Let the agent restart later, as the script has ordered."""

    def restart() -> None:
        cures.silence_agent(world, vm, order.takes)
        if order.takes is not None:
            world.timeline.after(order.takes, update)

    def update() -> None:
        vm.agent_version = order.version or vm.agent_version

    world.timeline.after(order.after, restart)


def _run(call: Call) -> Reply:
    vm = vm_of(call)
    body: Json = call.body or {}
    wanted = str(body.get("commandId", ""))
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
    if any(each.status == "running" for each in vm.scripts):
        raise ArmError(
            409,
            "Conflict",
            "Run command extension execution is in progress. Please wait for completion before "
            "invoking a run command.",
            envelope="compute",
        )
    script = _script(body)
    vm.scripts.append(script)
    answer = next((each for each in vm.answers if script.has(each.when)), Answer())

    def ended() -> None:
        script.status = "failed"

    def effect() -> Json | None:
        if vm.agent_answers:
            cures.run(call.world, vm, script)
            if answer.restarts_agent:
                _restart_agent(call.world, vm, answer.restarts_agent)
            if answer.exit and vm.fails_with_script:
                return dict(_FAILED)
            script.status = "succeeded"
            return None
        return {
            "code": "VMAgentStatusCommunicationError",
            "message": f"VM '{vm.name}' has not reported status for VM agent or extensions.",
        }

    return run(
        call,
        (vm.subscription, vm.location),
        answer.takes,
        effect,
        ended=ended,
        retry_after=10,
        poll_after=10,
        output=_output(vm, answer),
    )


ROUTES = [Route("POST", f"{VM}/runCommand", f"{VM_KIND}/runCommand/action", _run)]
