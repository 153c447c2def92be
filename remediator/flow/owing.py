"""Telling the listener what runs have left off or on."""

from remediator.errors import LockOffError, StateError, UnwrittenError
from remediator.flow.events import LockOff, Note, PowerLeft
from remediator.flow.ports import Listener, Means
from remediator.plan.plan import Plan
from remediator.record.records import forgotten, left_by, unreadable
from remediator.record.state import State
from remediator.run.leases import still_off


def tell_forgotten(listener: Listener, state: State) -> None:
    """Tell which locks earlier runs still owe, before anything new begins."""
    for run_id, lock in forgotten(state.folder):
        listener.hear(LockOff(run_id, lock))
    for why in unreadable(state.folder):
        text = f"A LOCK MAY BE OFF THAT SHOULD BE ON, and its record cannot be read: {why}"
        listener.hear(Note(text))


async def without_report(
    means: Means, state: State, run_id: str, plan: Plan, error: StateError
) -> StateError | LockOffError:
    """The error for a run that has no report. The locks and the power that it owes are told."""
    text = str(error)
    if isinstance(error, UnwrittenError):
        text += f"; nothing more is changed: repair that, then remediate resume {run_id}"
    left = left_by(state.folder, run_id)
    off = await still_off(left.locks, plan, means.cloud.reader) if left.locks else ()
    for lock in off:
        means.listener.hear(LockOff(run_id, lock))
    for each in left.power:
        means.listener.hear(PowerLeft(run_id, each))
    return LockOffError(text) if off or left.power else type(error)(text)
