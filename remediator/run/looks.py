"""What a fresh look says about a change: whether it is due, overtaken, too late, or has settled.

An action is planned again on fresh facts; what it would do now is the answer to all of these.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Final

from remediator import ids
from remediator.actions import Action
from remediator.change.operations import Operation
from remediator.change.step import Change, Held, Impact, Step, Unchanged
from remediator.conditions.jobs import newer_success
from remediator.facts import Facts, Source, Unknown
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
"""How often what puts things back looks again where it cannot see whether it is due."""

GRACE = 120.0
"""Seconds that what puts things back is followed at least."""

LANDS_WITHIN: Final = timedelta(minutes=1)
"""By Azure's clock: how long a request may take to have its effect that nobody waits for any more.
Azure Resource Manager answers within a minute, or says 202."""


class Looks:
    """Looks at what the changes of one plan are about."""

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
        """Why the last look did not show what was looked for, where something says it."""
        self.told_besides: tuple[str, ...] = ()
        """What the last look that showed it told besides."""
        self.taken_up = False
        """Whether the run was begun by another process, perhaps days ago."""
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
            AzureError: what it takes to look cannot be asked.
        """
        facts = await self.before_sending(change, action)
        if change.always:
            facts = await self._readable(change, action, facts)
        if change.always and self._account.unsure:
            facts = await self._landed(change, action, facts)
        return facts

    async def before_sending(self, change: Change, action: Action) -> Facts:
        """Fresh facts on which a change rests right before it is sent.

        What puts things back waits for nothing else: it is due whatever runs or has succeeded.
        """
        besides = action.needs_to_send | {Source.JOBS}
        return await self._sight.read(action.needs if change.always else action.needs | besides)

    def again(self, change: Change, action: Action, facts: Facts) -> Step | None:
        """What the action now plans in place of a change.

        Held and Unchanged count when they are about the target, or when the action plans no
        change at all: then they speak for everything it does.
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
        """The backup that has succeeded since the failed one, so that a change is not needed.

        Unknown where the jobs could not be read. This run's own backup is no reason: what comes
        after it in the plan was meant to.
        """
        if change.always or change.impact is Impact.READ_ONLY:
            return None
        if isinstance(facts.jobs, Unknown):
            return facts.jobs
        newer = newer_success(facts)
        is_newer = isinstance(newer, JobRow) and not ids.same(newer.id, self._account.job_id)
        return newer if is_newer else None

    def shut_out(self, change: Change, facts: Facts) -> str | None:
        """Why a change is too late: for the plan or its windows, or as it is not needed.

        A run may outlast the window in which it was let in, or be taken up days later.
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
        """Why nothing more of the plan is begun: it is too old by Azure's clock, or by this one's.

        Only for a run that was taken up: one that is under way may outlast its plan's lifetime.
        """
        plan, at = self._plan, facts.latest()
        if at is None:
            return "no answer of Azure tells its time, and the plan may have expired"
        if self._now() <= plan.expires and at - plan.job.seen <= plan.expires - plan.created:
            return None
        return f"the plan expired at {shown(plan.expires)} while the run was cut short"

    async def is_due(self, change: Change, action: Action) -> bool:
        """Whether the change, or what is left of it, is still what would be done."""
        facts = await self.before_sending(change, action)
        now = self.again(change, action, facts)
        still = isinstance(now, Change) and is_still(change, now, begun=True)
        return still and self.shut_out(change, facts) is None

    async def settled(self, change: Change, action: Action, looks: int | None = None) -> bool:
        """Look until the action has nothing left to do for the target.

        A lock must be seen gone twice: one front end may know earlier than the next.
        """
        needed = 2 if change.operation is Operation.DELETE_LOCK else 1
        seen, patience = 0, self.patience_for(change)
        for _ in range(patience.looks if looks is None else looks):
            seen = seen + 1 if await self._looks_settled(change, action) else 0
            if seen >= needed:
                return True
            if patience.over:
                return False
            self._note(Waiting(text=f"waiting until {wanted(change)} is seen"))
            await patience.pause()
        return False

    async def _looks_settled(self, change: Change, action: Action) -> bool:
        """Whether a look shows that a change has settled; where not, `unseen` may say why."""
        if action.seen_in:
            found = action.settled(change.target, await self._sight.read(action.seen_in))
            self.unseen = found.reason if isinstance(found, Unknown) else None
            return found is True
        facts = await self._sight.read(action.needs)
        held = next((step for step in action.plan(facts) if isinstance(step, Held)), None)
        self.unseen = held.why[0] if held else None
        left = held or self.again(change, action, facts)
        self.told_besides = left.why[1:] if isinstance(left, Unchanged) else ()
        return left is None or isinstance(left, Unchanged)

    async def _readable(self, change: Change, action: Action, facts: Facts) -> Facts:
        """The facts once they can be read, or some looks later: an odd answer may be the last."""
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
        """The facts once what was sent, and whose answer nobody waited for, shows in them.

        A lock whose removal is still on its way looks as if it had never been taken off.
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
        """Bound the requests of a change by its time; what puts things back does not queue."""
        return self.patience_for(change).bounding(puts_back=change.always)

    def patience_for(self, change: Change) -> Patience:
        """What puts things back gets its time also when the run's is used up."""
        return self._patience.at_least(GRACE) if change.always else self._patience


def wanted(change: Change) -> str:
    """What is waited for, in words."""
    return ", ".join(f"{name} {value or 'gone'}" for name, value in change.after.items())


def unread(action: Action, facts: Facts) -> bool:
    """Whether something on which an action rests could not be read."""
    rests_on = action.needs | action.needs_to_send
    return any(isinstance(facts.about(source), Unknown) for source in rests_on)
