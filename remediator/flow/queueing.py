"""Putting a plan into the queue that workers share."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from remediator.errors import BadInputError
from remediator.flow.applying import payload_of
from remediator.flow.ports import Engine, Means
from remediator.flow.requests import Terms
from remediator.plan.plan import Plan
from remediator.record.journal import new_run_id
from remediator.record.state import State


@dataclass(slots=True)
class Queueing:
    """The queue, as one command puts runs into it. It is opened with the first run, and only once.

    ``async with Queueing(means, terms) as queue:`` closes it.
    """

    means: Means
    terms: Terms
    _held: AsyncExitStack = field(default_factory=AsyncExitStack)
    _engine: Engine | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._held.aclose()

    async def put(self, plan: Plan, terms: Terms) -> str:
        """Put an approved plan into the queue, with this command's limits. Return the run's id.

        Only one caller may do this at a time.

        Args:
            plan: the plan.
            terms: the command's terms, as they are for this plan.

        Raises:
            BadInputError: several processes cannot share the state.
            StateError: the state cannot be written.
        """
        check_shared(terms.state)
        run_id = new_run_id(datetime.now(UTC))
        payload = payload_of(plan, terms, self.means.asker.by) | {
            "limits": terms.limits.model_dump(mode="json"),
            "preflight": terms.preflight,
        }
        if self._engine is None:
            self._engine = await self._held.enter_async_context(
                self.means.engines.queue(self.terms.state, run_id)
            )
        await self._engine.enqueue(run_id, payload, partition=plan.job.vault.subscription.lower())
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
