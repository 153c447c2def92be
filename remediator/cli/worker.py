"""`remediate worker`: one of several processes that share a queue of runs in a PostgreSQL."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from remediator.authority import Identity
from remediator.cli import Exit
from remediator.cli.connect import with_session
from remediator.cli.options.applying import ApplyOptions, RunOptions
from remediator.cli.options.azure import AzureOptions
from remediator.cli.output import say
from remediator.cli.running import Running, payload_of
from remediator.cli.state import state_of
from remediator.engine.durable import Engine
from remediator.engine.postgres import PostgresClaims, Presence
from remediator.engine.state import State
from remediator.errors import AzureError, BadInputError
from remediator.gate import gated
from remediator.journal import new_run_id
from remediator.ledger import Ledger, Rows
from remediator.plan import Plan, parse_plan
from remediator.step import Held

if TYPE_CHECKING:
    from remediator.azure.session import Session

LOOK: Final = 2.0
"""Seconds between looks at who lives."""
DEAD_AFTER: Final = 15.0
"""Seconds for which nobody may have held a worker's name before it counts as dead.

When the database comes back after it was away, every worker has lost its hold, and takes a few
seconds to take it again: taken for dead meanwhile, a run would be carried out by two.
"""
GATE_LOOKS: Final = 4
"""How often the guards look before their no is taken for good."""


def work_on_queue(
    azure: AzureOptions, name: str, how: RunOptions, *, at_a_time: int, until_empty: bool
) -> int:
    """Work on the queue until told to end, or until it is empty."""
    state = shared(how.state)

    async def go(session: "Session") -> int:
        who = await session.who()
        with Presence(state, name) as presence:
            claims = PostgresClaims(presence)
            queue = _Work(session, how, state, claims, who)
            async with Engine(
                state, queue.body, executor=name, put_back=queue.put_back, serves=at_a_time
            ) as engine:
                say(f"worker {name} serves {state.shown}, {at_a_time} runs at a time")
                await _serve(engine, presence, claims, until_empty=until_empty)
        return Exit.OK

    return with_session(azure, go)


async def enqueue(plan: Plan, how: ApplyOptions) -> str:
    """Put an approved plan into the queue; the id of its run."""
    state = shared(how.state)
    run_id = new_run_id(datetime.now(UTC))

    async def nothing(_ledger: Ledger, _payload: dict[str, Any]) -> dict[str, Any]:
        raise AssertionError("this process only puts runs into the queue")

    payload = payload_of(plan, how) | {"run_id": run_id}
    async with Engine(state, nothing, executor=run_id, queue=True) as engine:
        await engine.enqueue(run_id, payload, partition=plan.job.vault.subscription.lower())
    return run_id


def shared(said: str | None) -> State:
    """The state that several processes share.

    Raises:
        BadInputError: it is not a PostgreSQL.
    """
    state = state_of(said)
    if not state.shared:
        raise BadInputError(
            "a queue needs --state postgresql://USER@HOST/DATABASE (or REMEDIATE_STATE)"
        )
    return state


class _Work:
    """What this worker does with a run from the queue."""

    def __init__(
        self,
        session: "Session",
        how: RunOptions,
        state: State,
        claims: PostgresClaims,
        who: Identity,
    ) -> None:
        self._session = session
        self._how = how
        self._state = state
        self._claims = claims
        self._who = who

    def _running(self, run_id: str) -> Running:
        return Running(
            self._session, self._how, run_id, self._state.folder, self._who, resumed=True
        )

    async def body(self, ledger: Ledger, payload: dict[str, Any]) -> dict[str, Any]:
        """Apply a plan, once no other run is at its VM."""
        run_id = str(payload["run_id"])
        plan = parse_plan(payload["plan"], f"the plan of {run_id}")
        endpoint = self._session.cloud.endpoint
        if plan.endpoint != endpoint:
            return {"stale": f"the plan was made on {plan.endpoint}, this worker is on {endpoint}"}
        vm = plan.job.vm_id or plan.job.id
        while self._claims.claim(vm) is not None:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(LOOK)
        say(f"{run_id}: begun, or taken up, for {plan.job.vm_name}")
        try:
            # Once: what a worker that died had begun is finished, whatever a guard says by then.
            refused = await ledger.once("gate", partial(self._gate, plan))
            if refused:
                return {"stale": refused[0]["refused"]}
            ended = await self._running(run_id).body(ledger, payload)
        finally:
            self._claims.release(vm)
        say(f"{run_id}: ended")
        return ended

    async def _gate(self, plan: Plan) -> Rows:
        """Let the guards judge again: hours may have passed since the plan was queued."""
        refused: Rows = []
        for look in range(GATE_LOOKS):
            if look:
                await asyncio.sleep(LOOK * look)  # a read that failed may succeed the next time
            try:
                allowed = await gated(self._session.reader, plan, plan.limits, with_preflight=True)
            except AzureError as error:
                refused = [{"refused": f"the guards could not look: {error}"}]
                continue
            held = next((s for s in allowed.steps if isinstance(s, Held) and s.guard), None)
            if held is None:
                return []
            refused = [{"refused": f"refused by a guard ({held.guard}): {held.why[0]}"}]
        return refused

    async def put_back(self, run_id: str, rows: Rows) -> Rows:
        """The guard's work."""
        return await self._running(run_id).put_back(run_id, rows)


async def _serve(
    engine: Engine, presence: Presence, claims: PostgresClaims, *, until_empty: bool
) -> None:
    """Stay, and take over from workers that have died."""
    unheld: dict[str, float] = {}
    away = False
    while True:
        await asyncio.sleep(LOOK)
        if not await asyncio.to_thread(presence.hold):
            say("the database is away: what is under way goes on, nothing new is begun")
            unheld.clear()
            away = True
            continue
        if away:
            await asyncio.to_thread(claims.renew)
            away = False
        for other in await engine.others():
            if not await asyncio.to_thread(presence.is_dead, other):
                unheld.pop(other, None)
            elif monotonic() - unheld.setdefault(other, monotonic()) >= DEAD_AFTER:
                for run_id in await engine.take_over(other):
                    say(f"{run_id}: taken over from {other}, which has died")
        if until_empty and not await engine.unfinished():
            return
