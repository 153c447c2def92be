"""How many VMs one command may change, and how many may fail before it stops."""

from remediator.guards.case import Case, Refusal
from remediator.guards.limits import Limits
from remediator.guards.tally import Tally


def judge(case: Case) -> Refusal | None:
    """Refuse the VM after the last one that is allowed."""
    return over(case.limits, case.tally, case.target)


def over(limits: Limits, tally: Tally, target: str) -> Refusal | None:
    """Why a command with this tally leaves the next VM alone. None when it may go on."""
    if limits.max_errors is not None and tally.failed > limits.max_errors:
        told = f"{tally.failed} VMs were not fixed, and --max-errors is {limits.max_errors}"
        return Refusal("max-errors", target, f"not reached: {told}")
    if limits.max_targets is not None and tally.begun >= limits.max_targets:
        told = f"the limit --max-targets {limits.max_targets} is reached"
        return Refusal("max-targets", target, f"not reached: {told}")
    return None
