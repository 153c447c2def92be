"""The guest's clock: the support matrix excludes a clock that is set into the future."""

from datetime import timedelta
from typing import Final

from remediator.checks.check import Answer, Area, Check, failed, left_open, not_there, passed
from remediator.facts import Known, PowerState, Readings, Source
from remediator.language import marked
from remediator.moments import shown

TOLERATED: Final = timedelta(minutes=10)
"""Our own value. Clocks of different machines are never quite alike."""


def _clock(about: Readings) -> Answer:
    """The agent dates its reports itself. So a report of the future shows a clock that is ahead."""
    match about.vm:
        case Known(value=vm, source=source):
            if vm.power is not PowerState.RUNNING:
                return left_open("the VM does not run", source)
            if vm.agent_heard is None:
                return left_open("the platform does not say when", source)
            ahead = vm.agent_heard - about.subject.now
            if ahead <= TOLERATED:
                return passed("last report at {at}", source, at=shown(vm.agent_heard))
            return failed(
                "the agent dates its last report {at}, {minutes} minutes after Azure's time",
                source,
                marked(
                    "Set the clock of the guest. Azure Backup does not support a clock that is set "
                    "into the future."
                ),
                at=shown(vm.agent_heard),
                minutes=ahead // timedelta(minutes=1),
            )
        case fact:
            return not_there(fact, "virtual machine")


CHECKS: Final = (
    Check(
        "guest-clock",
        Area.VM,
        "Its clock is not ahead",
        frozenset({Source.VM}),
        _clock,
    ),
)
