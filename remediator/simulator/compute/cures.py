"""How an unwell VM gets well again."""

from remediator.simulator.compute.state import Condition, Cure, Script, Vm
from remediator.simulator.world import World


def apply(world: World, condition: Condition, cure: Cure) -> None:
    """Make a condition well, after the time that its cure takes."""
    if cure in condition.cured_by:
        _heal(world, condition)


def treat(world: World, vm: Vm, cure: Cure) -> None:
    """Apply a cure to all conditions of a VM."""
    for condition in (vm.agent, vm.provisioning, *vm.ailments):
        apply(world, condition, cure)


def silence_agent(world: World, vm: Vm, seconds: float | None) -> None:
    """Let the agent be silent while it starts. Meanwhile its last report shows.

    Args:
        world: the world.
        vm: the VM.
        seconds: how long; None for ever.
    """
    vm.agent_silent, vm.agent_reported = True, world.now

    def back() -> None:
        vm.agent_silent, vm.agent_reported = False, None

    if seconds is not None:
        world.timeline.after(seconds, back)


def run(world: World, vm: Vm, script: Script) -> None:
    """Let a script that ran in the guest cure the ailments that the scenario names for it."""
    for ailment in vm.ailments:
        if ailment.scripts and script.has(ailment.scripts):
            _heal(world, ailment)


def _heal(world: World, condition: Condition) -> None:
    if condition.well:
        return

    def heal() -> None:
        condition.well, condition.under_way = True, False

    if condition.takes:
        world.timeline.after(condition.takes, heal)
    else:
        heal()
