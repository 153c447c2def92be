"""`remediate worker`: one of several processes that share a queue of runs in a PostgreSQL."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from remediator.change.step import Held
from remediator.cli import Exit
from remediator.cli.connect import with_session
from remediator.cli.options.applying import ApplyOptions, RunOptions, SignatureOptions
from remediator.cli.options.azure import AzureOptions
from remediator.cli.options.limits import GateOptions
from remediator.cli.output import say
from remediator.cli.running import Running, payload_of
from remediator.cli.state import say_forgotten, state_of
from remediator.engine.durable import Engine
from remediator.engine.postgres import PostgresClaims, Presence
from remediator.errors import AzureError, BadInputError, PlanFileError, UnwrittenError
from remediator.guards.limits import Limits
from remediator.plan.gate import gated
from remediator.plan.plan import Plan, parse_plan
from remediator.record.audit import Audit
from remediator.record.audit_file import AuditFile
from remediator.record.authority import Approval, Identity
from remediator.record.journal import new_run_id
from remediator.record.state import State
from remediator.run.ledger import Ledger, Rows
from remediator.run.run import Refused

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
    azure: AzureOptions,
    name: str,
    how: RunOptions,
    signatures: SignatureOptions,
    *,
    at_a_time: int,
    until_empty: bool,
) -> int:
    """Work on the queue until told to end, or until it is empty."""
    state = shared(how.state)
    signatures.read()

    async def go(session: "Session") -> int:
        who = await session.who()
        with Presence(state, name) as presence:
            claims = PostgresClaims(presence)
            queue = _Work(session, how, signatures, state, claims, who)
            async with Engine(
                state, queue.body, executor=name, put_back=queue.put_back, serves=at_a_time
            ) as engine:
                say(f"worker {name} serves {state.shown}, {at_a_time} runs at a time")
                try:
                    await _serve(engine, presence, claims, until_empty=until_empty)
                except UnwrittenError:
                    say_forgotten(state)
                    raise
        return Exit.OK

    return with_session(azure, go)


async def enqueue(plan: Plan, how: ApplyOptions, within: GateOptions) -> str:
    """Put an approved plan into the queue, with the limits of this side; the id of its run."""
    state = shared(how.state)
    run_id = new_run_id(datetime.now(UTC))

    async def nothing(_ledger: Ledger, _payload: dict[str, Any]) -> dict[str, Any]:
        raise AssertionError("this process only puts runs into the queue")

    payload = payload_of(plan, how) | {
        "run_id": run_id,
        "limits": within.limits().model_dump(mode="json"),
        "preflight": not within.no_preflight,
    }
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
        signatures: SignatureOptions,
        state: State,
        claims: PostgresClaims,
        who: Identity,
    ) -> None:
        self._session = session
        self._how = how
        self._signatures = signatures
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
            text = f"the plan was made on {plan.endpoint}, this worker is on {endpoint}"
            return self._refused(plan, payload, text)
        vm = plan.job.vm_id or plan.job.id
        while self._claims.claim(vm) is not None:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(LOOK)
        say(f"{run_id}: begun, or taken up, for {plan.job.vm_name}")
        try:
            # Once: what a worker that died had begun is finished, whatever a guard says by then.
            [told] = await ledger.once("gate", partial(self._gate, plan, payload))
            if "refused" in told:
                return self._refused(plan, payload, told["refused"])
            approval = payload["approval"] | {k: v for k, v in told.items() if v}
            ended = await self._running(run_id).body(ledger, payload | {"approval": approval})
        finally:
            self._claims.release(vm)
        say(f"{run_id}: ended")
        return ended

    def _refused(self, plan: Plan, payload: dict[str, Any], text: str) -> dict[str, Any]:
        """Tell the trail, and whoever asks for the run, why it is not carried out."""
        run_id, approval = str(payload["run_id"]), Approval.model_validate(payload["approval"])
        trail = AuditFile(self._state.folder)
        audit = Audit(trail, plan, run_id, self._who, approval)
        audit.write(Refused(at=datetime.now(UTC), text=text))
        say(f"{run_id}: {text}")
        return {"stale": text}

    async def _gate(self, plan: Plan, payload: dict[str, Any]) -> Rows:
        """Whose signature the plan has, or why it is refused.

        The guards judge again, by the plan's limits and by those of whoever queued it: hours may
        have passed since.
        """
        try:
            signed_by = self._signatures.check(plan)
        except PlanFileError as error:
            return [{"refused": str(error)}]
        limits = Limits.model_validate(payload["limits"])
        refused: Rows = []
        for look in range(GATE_LOOKS):
            if look:
                await asyncio.sleep(LOOK * look)  # a read that failed may succeed the next time
            try:
                allowed = await gated(
                    self._session.reader, plan, limits, with_preflight=payload["preflight"]
                )
            except AzureError as error:
                refused = [{"refused": f"the guards could not look: {error}"}]
                continue
            held = next((s for s in allowed.steps if isinstance(s, Held) and s.guard), None)
            if held is None:
                return [{"signed_by": signed_by}]
            refused = [{"refused": f"refused by a guard ({held.guard}): {held.why[0]}"}]
        return refused

    async def put_back(self, run_id: str, rows: Rows) -> Rows:
        """The guard's work."""
        return await self._running(run_id).put_back(run_id, rows)


async def _serve(
    engine: Engine, presence: Presence, claims: PostgresClaims, *, until_empty: bool
) -> None:
    """Stay, and take over from workers that have died.

    Raises:
        UnwrittenError: what a run does cannot be written down here.
    """
    unheld: dict[str, float] = {}
    away = False
    while True:
        await asyncio.sleep(LOOK)
        if engine.unwritten:
            raise UnwrittenError(
                f"{engine.unwritten}; this worker ends: mend that and start it again under its "
                "name, or let another one take over"
            )
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
