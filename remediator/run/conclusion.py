"""The end of a run: the changes made, the locks still off, and the triggered job."""

from remediator import ids
from remediator.change.operations import Operation
from remediator.plan.plan import Plan
from remediator.run.account import Account
from remediator.run.carrier import Carrier
from remediator.run.new_point import new_point
from remediator.run.run import Applied, PowerOwed, power_command
from remediator.run.sight import Sight


async def conclude(
    plan: Plan, run_id: str, account: Account, sight: Sight, carrier: Carrier
) -> Applied:
    """The result of a run, with a last look at the locks and the power that it has not put back."""
    put_back = {
        ids.normal(step.target) for step in plan.changes if step.operation is Operation.PUT_LOCK
    }
    left = account.open_leases
    free = tuple(lock for lock in left if ids.normal(lock.id) not in put_back)
    # While a change may still take effect, a lock that is seen may be about to go.
    again = () if account.unsure else await sight.on_again(free)
    left = tuple(lock for lock in left if not any(ids.same(lock.id, on.id) for on in again))
    left += await sight.gone(tuple(account.refused_removals))
    job, unread = None, None
    try:
        job = await carrier.last_seen_job()
    except Exception as error:  # noqa: BLE001 - what was done, and what is off, is reported
        unread = f"backup job {account.job_id} was triggered, but cannot be read: {error}"
    point = await new_point(sight, job) if job is not None and job.succeeded else None
    power = [
        PowerOwed(step=number, vm_id=change.target, command=power_command(change))
        for number, change in await sight.power_owed()
    ]
    return Applied(
        run_id=run_id,
        plan=plan,
        outcomes=tuple(outcome for _, outcome in sorted(account.outcomes.items())),
        new_job=job,
        new_point=point,
        job_unread=unread,
        recovered_by=account.recovered_by,
        leases_open=left,
        put_back_by_others=again,
        leases_owed=tuple(lock for lock in left if ids.normal(lock.id) in put_back),
        leases_unsure=tuple(lock for lock in account.unsure_leases if lock in left),
        power_owed=tuple(power),
        interrupted=account.interrupted,
    )
