"""How many VMs one command may change, and how many may fail before it stops."""

from remediator.guards.case import Case, Refusal


def judge(case: Case) -> Refusal | None:
    """Refuse the VM after the last one that is allowed."""
    limits, tally = case.limits, case.tally
    if limits.max_errors is not None and tally.failed > limits.max_errors:
        told = f"{tally.failed} VMs were not fixed, and --max-errors is {limits.max_errors}"
        return Refusal("max-errors", case.target, f"not reached: {told}")
    if limits.max_targets is not None and tally.begun >= limits.max_targets:
        told = f"--max-targets {limits.max_targets} VMs are reached"
        return Refusal("max-targets", case.target, f"not reached: {told}")
    return None
