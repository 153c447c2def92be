"""Fix failed Azure VM backups from Python: plan all jobs, consent if no data is lost, report."""

import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import timedelta

from remediator import Event, Plan, Remediate, explain


def loses_nothing(plans: Sequence[Plan]) -> bool:
    """Consent, unless a restore point would be lost."""
    for plan in plans:
        print(f"{plan.job.vm_name}: {plan.summary.changes} changes", file=sys.stderr)
    return not any(plan.summary.data_loss for plan in plans)


def told(event: Event) -> None:
    """Print the kind of an event."""
    print(type(event).__name__, file=sys.stderr)


async def main(jobs: Sequence[str]) -> int:
    """Fix the jobs. Returns 1 if one was not fixed."""
    poll = float(os.environ.get("REMEDIATE_POLL_INTERVAL", "30"))
    async with Remediate(
        arm_endpoint=os.environ.get("REMEDIATE_ARM_ENDPOINT"),
        auth="token" if "AZURE_ACCESS_TOKEN" in os.environ else "auto",
        state=os.environ.get("REMEDIATE_STATE"),
        timeout=timedelta(hours=3).total_seconds(),
        poll_interval=poll,
        on_event=told,
    ) as remediate:
        planned = await remediate.plan_all(jobs)
        batch = await remediate.apply_all(planned, approve=loses_nothing)
    if batch is None:
        print("not approved; nothing was changed")
        return 1
    for target in batch.targets:
        meaning = explain(target.code).found if target.code else ()
        playbook = meaning[0].playbook.name if meaning else "no playbook"
        print(f"{target.vm}: {target.standing}: {target.text} ({playbook})")
    return 0 if all(target.standing == "fixed" for target in batch.targets) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
