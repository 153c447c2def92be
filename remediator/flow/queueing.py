"""Putting a plan into the queue that workers share."""

from datetime import UTC, datetime

from remediator.errors import BadInputError
from remediator.flow.applying import payload_of
from remediator.flow.ports import Means
from remediator.flow.requests import Terms
from remediator.plan.plan import Plan
from remediator.record.journal import new_run_id
from remediator.record.state import State


async def enqueue(means: Means, plan: Plan, terms: Terms) -> str:
    """Put an approved plan into the queue, with this command's limits. Return the run's id.

    Raises:
        BadInputError: several processes cannot share the state.
        StateError: the state cannot be written.
    """
    check_shared(terms.state)
    run_id = new_run_id(datetime.now(UTC))
    payload = payload_of(plan, terms, means.asker.by) | {
        "limits": terms.limits.model_dump(mode="json"),
        "preflight": terms.preflight,
    }
    async with means.engines.queue(terms.state, run_id) as engine:
        await engine.enqueue(run_id, payload, partition=plan.job.vault.subscription.lower())
    return run_id


def check_shared(state: State) -> None:
    """Refuse a state that only one process can use.

    Raises:
        BadInputError: the state is not in PostgreSQL.
    """
    if not state.shared:
        raise BadInputError(
            "a queue needs --state postgresql://USER@HOST/DATABASE (or REMEDIATE_STATE)"
        )
