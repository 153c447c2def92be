"""Fresh looks at a change: whether it is due, overtaken, too late, or settled.

The action is planned again on fresh facts. Its new steps answer all these questions.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from remediator import ids
from remediator.actions import Action
from remediator.change.operations import Operation
from remediator.change.step import Change, Held, Impact, Step, Unchanged
from remediator.conditions.jobs import newer_success
from remediator.facts import Facts, Known, Outset, Source, Unknown
from remediator.guards import Case, window
from remediator.job.job import JobRow
from remediator.moments import shown
from remediator.patience import Patience
from remediator.plan.plan import Plan
from remediator.plan.planning import Addressed, with_address
from remediator.plan.sameness import is_still
from remediator.run.account import Account
from remediator.run.run import Entry, Waiting
from remediator.run.sight import Sight

LOOKS_BEFORE_DOUBT: Final = 3
"""How often a change that puts back looks again if it cannot see whether it is due."""

GRACE = 120.0
"""The least time, in seconds, for following a change that puts back."""

LANDS_WITHIN: Final = timedelta(minutes=1)
"""How long a request may still take to have its effect when nobody waits for its answer.

This time is measured by Azure's clock. Azure Resource Manager answers within a minute, or says 202.
"""


class Looks:
    """Looks at the resources that the changes of one plan are about."""

    def __init__(
        self,
        plan: Plan,
        account: Account,
        *,
        sight: Sight,
        patience: Patience,
        addressed: Addressed,
        note: Callable[[Entry | Waiting], None],
        now: Callable[[], datetime],
        closed: str | None,
    ) -> None:
        self.addressed = addressed
        self.unseen: str | None = None
        """Why the last look did not show the awaited state, if something tells the reason."""
        self.told_besides: tuple[str, ...] = ()
        """What else the last look told, when it showed the awaited state."""
        self.taken_up = False
        """Whether another process began the run, perhaps days ago."""
        self._outsets: dict[tuple[Operation, str], Outset] = {}
        self._plan = plan
        self._account = account
        self._sight = sight
        self._patience = patience
        self._note = note
        self._now = now
        self._closed = closed

    async def at_its_turn(self, change: Change, action: Action) -> Facts:
        """Fresh facts for a change whose turn has come.

        Raises:
            AzureError: the facts cannot be read.
        """
        facts = await self.before_sending(change, action)
        if change.always:
            facts = await self._readable(change, action, facts)
        if change.always and self._account.unsure:
            facts = await self._landed(change, action, facts)
        return facts

    async def before_sending(self, change: Change, action: Action) -> Facts:
        """The fresh facts on which a change rests, read right before it is sent.

        A change that puts back waits for nothing else. It is due even if jobs run or have
        succeeded.
        """
        besides = action.needs_to_send | {Source.JOBS}
        return await self._sight.read(action.needs if change.always else action.needs | besides)

    def again(self, change: Change, action: Action, facts: Facts) -> Step | None:
        """The step that the action now plans in place of a change.

        Held and Unchanged count if they are about the target. They also count if the action plans
        no change at all: then they speak for everything that the action does.
        """
        steps = [with_address(step, self.addressed) for step in action.plan(facts)]
        changes = [step for step in steps if isinstance(step, Change)]
        for step in changes:
            if step.key == change.key:
                return step
        about = [s for s in steps if ids.same(s.target, change.target)]
        rest = [s for s in steps if isinstance(s, Held | Unchanged)] if not changes else []
        return next((s for s in about + rest if isinstance(s, Held | Unchanged)), None)

    def overtaken(self, change: Change, facts: Facts) -> JobRow | Unknown | None:
        """The backup that has succeeded since the failed one; it makes the change unneeded.

        Unknown if the jobs could not be read. This run's own backup does not count: the plan puts
        later changes after it on purpose.
        """
        if change.always or change.impact is Impact.READ_ONLY:
            return None
        if isinstance(facts.jobs, Unknown):
            return facts.jobs
        newer = newer_success(facts)
        is_newer = isinstance(newer, JobRow) and not ids.same(newer.id, self._account.job_id)
        return newer if is_newer else None

    def shut_out(self, change: Change, facts: Facts) -> str | None:
        """Why the change may not be sent any more. None if it may.

        The plan has expired, the window is over, or a backup has succeeded meanwhile.

        A run may outlast the window in which it began, or it may be resumed days later.
        """
        if change.always:
            return None
        if late := self._closed or (self.taken_up and self._expired(facts)):
            return late
        match self.overtaken(change, facts):
            case JobRow() as newer:
                return f"backup job {newer.name} has succeeded meanwhile"
            case Unknown(reason=reason):
                return f"not known whether a backup has succeeded meanwhile: {reason}"
            case None:
                pass
        case = Case(facts, (change,), self._plan.limits, facts.latest())
        refusal = window.judge(case)
        return refusal.reason if refusal else None

    def _expired(self, facts: Facts) -> str | None:
        """Why nothing more may begin: the plan is too old by Azure's clock or by this machine's.

        Only for a run that was resumed. A run that was not cut short may outlast its plan's
        lifetime.
        """
        plan, at = self._plan, facts.latest()
        if at is None:
            return "Azure's time is not known, so the plan may have expired"
        if self._now() <= plan.expires and at - plan.job.seen <= plan.expires - plan.created:
            return None
        return f"the plan expired at {shown(plan.expires)} while the run was cut short"

    async def is_due(self, change: Change, action: Action) -> bool:
        """Whether the action would still make the change, or what is left of it."""
        facts = await self.before_sending(change, action)
        now = self.again(change, action, facts)
        still = isinstance(now, Change) and is_still(change, now, begun=True)
        return still and self.shut_out(change, facts) is None

    async def settled(
        self,
        change: Change,
        action: Action,
        looks: int | None = None,
        *,
        carried_out: bool = False,
    ) -> bool:
        """Look until the action has nothing left to do for the target.

        A lock must be seen gone twice, because one front end may know it earlier than another.

        Args:
            change: the change.
            action: the action that planned the change.
            looks: how often to look at most; by default as often as patience allows.
            carried_out: whether Azure says that it has carried the change out. Then the first look
                is where the change begins to show, and older reports of the agent do not count.
        """
        needed = 2 if change.operation is Operation.DELETE_LOCK else 1
        seen, patience = 0, self.patience_for(change)
        for _ in range(patience.looks if looks is None else looks):
            found = await self._looks_settled(change, action, carried_out=carried_out)
            seen = seen + 1 if found else 0
            if seen >= needed:
                return True
            if patience.over:
                return False
            self._note(Waiting(text=f"waiting until {action.awaited or wanted(change)} is seen"))
            await patience.pause()
        return False

    def _since(self, change: Change, facts: Facts) -> Facts:
        """The facts, with the first look at a change that Azure has carried out."""
        at = facts.latest()
        if at is not None and change.key not in self._outsets:
            version = facts.vm.value.agent_version if isinstance(facts.vm, Known) else ""
            self._outsets[change.key] = Outset(at=at, agent_version=version)
        return replace(facts, outset=self._outsets.get(change.key))

    async def _looks_settled(self, change: Change, action: Action, *, carried_out: bool) -> bool:
        """Whether a look shows that the change has settled. If not, `unseen` may say why."""
        facts = await self._sight.read(action.seen_in or action.needs)
        if carried_out:
            facts = self._since(change, facts)
        if action.seen_in:
            found = action.settled(change.target, facts)
            self.unseen = found.reason if isinstance(found, Unknown) else None
            return found is True
        held = next((step for step in action.plan(facts) if isinstance(step, Held)), None)
        self.unseen = held.why[0] if held else None
        left = held or self.again(change, action, facts)
        self.told_besides = left.why[1:] if isinstance(left, Unchanged) else ()
        return left is None or isinstance(left, Unchanged)

    async def _readable(self, change: Change, action: Action, facts: Facts) -> Facts:
        """The facts once they can be read. After a few looks they are returned as they are.

        One odd answer may be followed by a good one.
        """
        patience = self.patience_for(change)
        for _ in range(LOOKS_BEFORE_DOUBT):
            held = isinstance(self.again(change, action, facts), Held)
            if not (held and unread(action, facts)) or patience.over:
                break
            self._note(Waiting(text=f"waiting until it can be seen: {change.what}"))
            await patience.pause()
            facts = await self._sight.read(action.needs)
        return facts

    async def _landed(self, change: Change, action: Action, facts: Facts) -> Facts:
        """The facts once they show the requests that were sent and whose answer nobody waited for.

        While the removal of a lock is still on its way, the lock looks as if it had never been
        taken off.
        """
        patience, since = self.patience_for(change), facts.latest()
        while isinstance(self.again(change, action, facts), Unchanged):
            at = facts.latest()
            if since is None or at is None or at - since >= LANDS_WITHIN or patience.over:
                break
            self._note(Waiting(text=f"waiting to see whether it is still needed: {change.what}"))
            await patience.pause()
            facts = await self._sight.read(action.needs)
        return facts

    def bounding(self, change: Change) -> AbstractContextManager[None]:
        """Limit the requests of a change to its time. A change that puts back does not queue."""
        return self.patience_for(change).bounding(puts_back=change.always)

    def patience_for(self, change: Change) -> Patience:
        """The time for a change.

        A change that puts back gets time even if the run has none left.
        """
        return self._patience.at_least(GRACE) if change.always else self._patience


def wanted(change: Change) -> str:
    """The awaited state, in words."""
    return ", ".join(f"{name} {value or 'gone'}" for name, value in change.after.items())


def unread(action: Action, facts: Facts) -> bool:
    """Whether some fact on which the action rests could not be read."""
    rests_on = action.needs | action.needs_to_send
    return any(isinstance(facts.about(source), Unknown) for source in rests_on)
