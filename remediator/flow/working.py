"""A worker: one of several processes that share a queue of runs."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import Any, Final

from remediator.errors import AzureError, PlanFileError, UnwrittenError
from remediator.flow.carrying import Running
from remediator.flow.owing import tell_forgotten
from remediator.flow.ports import Engine, Means, Presence, SharedClaims
from remediator.flow.queueing import check_shared
from remediator.flow.requests import Terms
from remediator.guards.limits import Limits
from remediator.plan.gate import gated, refusal_of
from remediator.plan.plan import Plan, parse_plan
from remediator.record.audit import Audit
from remediator.record.audit_file import AuditFile
from remediator.record.authority import Approval, Identity
from remediator.run.ledger import Ledger, Rows
from remediator.run.run import Refused

LOOK: Final = 2.0
"""Seconds between two looks at which workers live."""
DEAD_AFTER: Final = 15.0
"""Seconds after which a worker whose name nobody holds counts as dead.

When the database comes back after an outage, every worker has lost its hold. It needs a few seconds
to take it again. If it counted as dead meanwhile, two workers would carry out the same run.
"""
GATE_LOOKS: Final = 4
"""How often the guards look before a refusal is final."""


async def work_on_queue(means: Means, terms: Terms, name: str, *, until_empty: bool) -> None:
    """Work on the queue, `terms.at_a_time` runs at a time, until it is empty or for ever.

    Raises:
        BadInputError: several processes cannot share the state.
        StateError: the state cannot be used, or another worker of this name works on it.
        UnwrittenError: a run here cannot write down what it does.
    """
    state = terms.state
    check_shared(state)
    who = await means.cloud.who()
    engines, at_a_time = means.engines, terms.at_a_time
    with engines.working(state, name) as (presence, claims):
        work = _Work(means, terms, claims, who)
        async with engines.worker(
            state, work.body, name=name, put_back=work.put_back, at_a_time=at_a_time
        ) as engine:
            means.note(
                f"worker {name} serves {state.shown}, {at_a_time} runs at a time", passing=True
            )
            try:
                await _serve(means, engine, presence, claims, until_empty=until_empty)
            except UnwrittenError:
                tell_forgotten(means.listener, state)
                raise


@dataclass(frozen=True, slots=True)
class _Work:
    """The work of this worker on a run from the queue."""

    means: Means
    terms: Terms
    claims: SharedClaims
    who: Identity

    def _running(self, run_id: str) -> Running:
        terms = self.terms
        folder = terms.state.folder
        return Running(
            self.means, terms.times, terms.playbooks, run_id, folder, self.who, resumed=True
        )

    async def body(self, run_id: str, ledger: Ledger, payload: dict[str, Any]) -> dict[str, Any]:
        """Apply a plan, once no other run is at its VM."""
        plan = parse_plan(payload["plan"], f"the plan of {run_id}")
        endpoint = self.means.cloud.endpoint
        if plan.endpoint != endpoint:
            text = f"the plan was made on {plan.endpoint}, this worker is on {endpoint}"
            return self._refused(run_id, plan, payload, text)
        vm = plan.job.vm_id or plan.job.id
        while self.claims.claim(vm) is not None:  # noqa: ASYNC110 - another process holds the claim
            await asyncio.sleep(LOOK)
        self.means.note(f"{run_id}: begun or resumed for {plan.job.vm_name}", passing=True)
        try:
            # The gate is passed only once. A run that a dead worker began is finished, even if a
            # guard would refuse it now.
            [told] = await ledger.once("gate", partial(self._gate, plan, payload))
            if "refused" in told:
                return self._refused(run_id, plan, payload, told["refused"])
            approval = payload["approval"] | {k: v for k, v in told.items() if v}
            ended = await self._running(run_id).body(ledger, payload | {"approval": approval})
        finally:
            self.claims.release(vm)
        self.means.note(f"{run_id}: ended", passing=True)
        return ended

    def _refused(
        self, run_id: str, plan: Plan, payload: dict[str, Any], text: str
    ) -> dict[str, Any]:
        """Tell the trail, and the reader of the run's result, why the run is not carried out."""
        approval = Approval.model_validate(payload["approval"])
        audit = Audit(AuditFile(self.terms.state.folder), plan, run_id, self.who, approval)
        audit.write(Refused(at=datetime.now(UTC), text=text))
        self.means.note(f"{run_id}: {text}")
        return {"stale": text}

    async def _gate(self, plan: Plan, payload: dict[str, Any]) -> Rows:
        """The key that signed the plan, or why the plan is refused.

        The guards judge again, because hours may have passed since the plan was queued. The plan's
        limits hold, and those of the command that queued it.
        """
        try:
            signed_by = self.terms.signatures.check(plan)
        except PlanFileError as error:
            return [{"refused": str(error)}]
        limits = Limits.model_validate(payload["limits"])
        refused: Rows = []
        for look in range(GATE_LOOKS):
            if look:
                await asyncio.sleep(LOOK * look)  # a read that failed may succeed the next time
            try:
                allowed = await gated(
                    self.means.cloud.reader, plan, limits, with_preflight=payload["preflight"]
                )
            except AzureError as error:
                refused = [{"refused": f"the guards could not look: {error}"}]
                continue
            why = refusal_of(allowed)
            if why is None:
                return [{"signed_by": signed_by}]
            refused = [{"refused": why}]
        return refused

    async def put_back(self, run_id: str, rows: Rows) -> Rows:
        """The work of the guard of a run."""
        return await self._running(run_id).put_back(rows)


async def _serve(
    means: Means, engine: Engine, presence: Presence, claims: SharedClaims, *, until_empty: bool
) -> None:
    """Serve until the end, and take over the runs of workers that have died.

    Raises:
        UnwrittenError: a run here cannot write down what it does.
    """
    unheld: dict[str, float] = {}
    away = False
    while True:
        await asyncio.sleep(LOOK)
        if engine.unwritten:
            raise UnwrittenError(
                f"{engine.unwritten}; this worker ends: repair that and start it again with the "
                "same --name, or let another worker take over"
            )
        if not await asyncio.to_thread(presence.hold):
            means.note("the database cannot be reached: running work goes on, nothing new is begun")
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
                    means.note(f"{run_id}: taken over from {other}, which has died")
        if until_empty and not await engine.unfinished():
            return
