"""Finishing interrupted runs. It takes the same consent as beginning one."""

import asyncio
from typing import Final

from remediator.change.step import Change
from remediator.errors import BadInputError, StateError, UnwrittenError
from remediator.flow.admission import check_cloud
from remediator.flow.applying import Interrupted, Runs
from remediator.flow.events import Note
from remediator.flow.one import Because, NotApplied
from remediator.flow.owing import without_report
from remediator.flow.ports import History, Listener, Means
from remediator.flow.requests import Terms
from remediator.flow.stories import known
from remediator.flow.trail import audit_resumption, refusals_audited
from remediator.plan.gate import gated, refusal_of
from remediator.report.report import Report
from remediator.report.runs import KnownRun, RunState, Story
from remediator.run.run import Ended, Sent

_LOOKS: Final = 3
"""How often the guards look before a refusal is final."""


def resumable(
    history: History, listener: Listener, run_id: str | None, *, every: bool
) -> list[KnownRun]:
    """The runs to finish.

    Args:
        history: the history of the state.
        listener: is told of runs of another version. They are left alone.
        run_id: one run; None for the only unfinished run.
        every: all unfinished runs.

    Raises:
        BadInputError: there is no such run, nothing of it is left to do, a worker finishes it, or
            several runs are unfinished.
        StateError: the run was begun by another version.
    """
    if run_id is not None:
        run = known(history, run_id)
        if run.state is RunState.FOREIGN:
            raise StateError(
                f"{run_id} was begun by another version of remediate: finish it with that one"
            )
        if not run.state.resumable:
            raise BadInputError(f"{run_id} is {run.state}: there is nothing to resume")
        if run.queued and (run.guarded or run.state is not RunState.OWING):
            raise BadInputError(f"{run_id} came from the queue: any `remediate worker` finishes it")
        return [run]
    runs = history.runs()
    found = [
        run
        for run in runs
        if run.state.resumable
        if not run.queued or (run.state is RunState.OWING and not run.guarded)
    ]
    if foreign := [run.run_id for run in runs if run.state is RunState.FOREIGN]:
        listener.hear(Note(f"left alone, because another version began them: {', '.join(foreign)}"))
    if len(found) > 1 and not every:
        raise BadInputError(
            f"several runs are unfinished: {', '.join(run.run_id for run in found)}; name one, "
            "or give --all"
        )
    return found


async def resume_one(
    means: Means, run: KnownRun, story: Story, terms: Terms
) -> Report | NotApplied:
    """Finish an interrupted run, or let its guard of a run finish.

    Raises:
        PlanFileError: the plan is of another cloud, or not signed as it must be.
        StalePlanError: as when a plan is applied.
        VmBusyError: as when a plan is applied.
        StateError: as when a plan is applied.
        LockOffError: as when a plan is applied.
    """
    plan, state = story.plan, terms.state
    check_cloud(means, plan)
    if story.state is not RunState.OWING:  # putting back needs no signature
        with refusals_audited(means.listener, plan, state):
            terms.signatures.check(plan)
    if not await means.asker.to_resume(story):
        return NotApplied(plan, Because.NO if means.asker.there else Because.NOBODY)
    try:
        await audit_resumption(means, plan, story.run_id, state)
    except UnwrittenError as error:
        raise await without_report(means, state, story.run_id, plan, error) from error
    closed = await _closed(means, story, terms)
    again = story.state is RunState.OWING and not story.guarded
    taken = Interrupted(story.run_id, plan, run.version, closed=closed, again=again)
    async with Runs(means, terms, alone=True) as runs:
        return await runs.take_up(taken)


async def _closed(means: Means, story: Story, terms: Terms) -> str | None:
    """Why no new change of a run may begin. The guards judge again: days may have passed.

    None if the guards allow it, or if no change is left to begin.
    """
    sent = {entry.step for entry in story.entries if isinstance(entry, Sent)}
    sent |= {entry.outcome.step for entry in story.entries if isinstance(entry, Ended)}
    steps = enumerate(story.plan.steps, 1)
    left = [n for n, s in steps if isinstance(s, Change) and not s.always and n not in sent]
    if story.state is RunState.OWING or not left:
        return None
    why: str | None = None
    for look in range(_LOOKS):
        if look:
            await asyncio.sleep(terms.times.poll)  # a read that failed may succeed now
        allowed = await gated(
            means.cloud.reader, story.plan, terms.limits, with_preflight=terms.preflight
        )
        why = refusal_of(allowed)
        if why is None:
            return None
    means.note(f"{story.run_id}: no new step is begun; locks and power are put back: {why}")
    return why
