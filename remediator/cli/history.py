"""`remediate runs` and `remediate resume`: what was, and what was interrupted."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from remediator.change.step import Change, Held
from remediator.cli import Exit, code_of
from remediator.cli.approval import audit_resumption, check_endpoint, refusals_audited
from remediator.cli.asking import approved, can_ask
from remediator.cli.connect import with_session
from remediator.cli.options.applying import ApplyOptions
from remediator.cli.options.azure import AzureOptions
from remediator.cli.options.limits import GateOptions
from remediator.cli.options.output import OutputOptions
from remediator.cli.output import say, start_output, stderr, stdout
from remediator.cli.running import take_up, without_report
from remediator.cli.state import state_of
from remediator.engine.history import History
from remediator.errors import (
    BadInputError,
    RemediateError,
    StateError,
    UnwrittenError,
)
from remediator.json_text import json_text, jsons_text
from remediator.plan.plan import Plan, parse_plan
from remediator.report.report import Report
from remediator.report.runs import KnownRun, RunState, Story
from remediator.run.leases import entries_of
from remediator.run.run import Ended, Sent

if TYPE_CHECKING:
    from remediator.azure.session import Session

_LOOKS: Final = 3
"""How often the guards look before their no is taken for good."""


def plan_of(run: KnownRun) -> Plan:
    """The plan that a run applies.

    Raises:
        StateError: the state of the run cannot be read.
        PlanFileError: the state holds none that this version reads.
    """
    if not run.payload:
        raise StateError(
            "its state is damaged, or was written with another key (REMEDIATE_STATE_KEY, or "
            "state.key beside the state, is the key); its locks are put back from its record: "
            f"remediate restore-locks {run.run_id}"
        )
    return parse_plan(str(run.payload.get("plan", "")), f"the plan of {run.run_id}")


def story_of(history: History, run: KnownRun) -> Story:
    """The whole of a run: its plan, each stage's entries, its report."""
    entries = entries_of(row for _, rows in history.stages(run.run_id) for row in rows or ())
    report = (run.result or {}).get("report")
    return Story(
        run_id=run.run_id,
        state=run.state,
        began=run.began,
        touched=run.touched,
        worker=run.worker,
        guarded=run.guarded,
        error=run.error or (run.result or {}).get("stale"),
        plan=plan_of(run),
        entries=entries,
        report=Report.model_validate_json(report) if report else None,
    )


def stories_of(history: History, runs: Iterable[KnownRun]) -> tuple[list[Story], int]:
    """The stories of runs; one that cannot be read is named, and keeps no other from being told.

    Returns:
        The stories, and how many runs have none.
    """
    stories, unread = [], 0
    for run in runs:
        try:
            stories.append(story_of(history, run))
        except RemediateError as error:
            say(f"{run.run_id} cannot be told: {error}")
            unread += 1
    return stories, unread


def list_runs(state: str | None, show: OutputOptions, *, unfinished: bool) -> int:
    """All runs, the newest first."""
    from remediator.views.runs_text import show_runs

    start_output(show)
    history = History(state_of(state))
    try:
        runs = [run for run in history.runs() if not unfinished or run.state.open]
        stories, unread = stories_of(history, runs)
    finally:
        history.close()
    with stdout(show) as console:
        if show.format == "json":
            console.out(jsons_text(stories), end="", highlight=False)
        else:
            show_runs(console, stories)
    return Exit.ERROR if unread else Exit.OK


def show_run(state: str | None, run_id: str, show: OutputOptions) -> int:
    """The whole story of one run."""
    from remediator.views.runs_text import show_story

    start_output(show)
    history = History(state_of(state))
    try:
        story = story_of(history, known(history, run_id))
    finally:
        history.close()
    with stdout(show) as console:
        if show.format == "json":
            console.out(json_text(story), end="", highlight=False)
        else:
            show_story(console, story)
    return Exit.OK


def prune(state: str | None, days: float, *, yes: bool) -> int:
    """Forget runs that have ended long ago; unfinished ones are never forgotten."""
    history = History(state_of(state))
    try:
        before = datetime.now(UTC) - timedelta(days=days)
        old = [run for run in history.runs() if not run.state.open and run.touched < before]
        if not yes:
            say(f"{len(old)} runs ended more than {days:g} days ago; --yes forgets them")
            return Exit.OK
        history.forget(run.run_id for run in old)
        say(f"{len(old)} runs forgotten; their records in runs/ stay")
    finally:
        history.close()
    return Exit.OK


def known(history: History, run_id: str) -> KnownRun:
    """A run by its id.

    Raises:
        BadInputError: there is none.
    """
    found = history.run(run_id)
    if found is None:
        raise BadInputError(f"no run {run_id!r}; remediate runs list tells them")
    return found


def resume(
    azure: AzureOptions,
    run_id: str | None,
    how: ApplyOptions,
    within: GateOptions,
    show: OutputOptions,
    *,
    every: bool,
) -> int:
    """Finish what was interrupted, with the consent that it takes to begin."""
    start_output(show)
    history = History(state_of(how.state))
    try:
        runs = _to_resume(history, run_id, every=every)
        stories, unread = stories_of(history, runs)
    finally:
        history.close()
    if not stories:
        say("no run is unfinished" if not unread else "nothing was resumed")
        return Exit.ERROR if unread else Exit.OK
    alone = len(stories) == 1 and not unread
    codes = [_resumed(azure, story, how, within, show, alone=alone) for story in stories]
    codes += [Exit.ERROR] * bool(unread)
    return max(codes, key=lambda code: (code == Exit.LOCK_OFF, code))


def _resumed(
    azure: AzureOptions,
    story: Story,
    how: ApplyOptions,
    within: GateOptions,
    show: OutputOptions,
    *,
    alone: bool,
) -> int:
    """Resume one of several runs: what fails in it does not keep the others from their end."""
    try:
        return _resume(azure, story, how, within, show)
    except RemediateError as error:
        if alone:
            raise
        say(f"{story.run_id}: {error}")
        return code_of(error)


def _to_resume(history: History, run_id: str | None, *, every: bool) -> list[KnownRun]:
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
    found = [
        run
        for run in history.runs()
        if run.state.resumable
        if not run.queued or (run.state is RunState.OWING and not run.guarded)
    ]
    foreign = [run.run_id for run in history.runs() if run.state is RunState.FOREIGN]
    if foreign:
        say(f"of another version, and left alone: {', '.join(foreign)}")
    if len(found) > 1 and not every:
        raise BadInputError(
            f"several runs are unfinished: {', '.join(run.run_id for run in found)}; name one, or "
            "--all"
        )
    return found


def _resume(
    azure: AzureOptions,
    story: Story,
    how: ApplyOptions,
    within: GateOptions,
    show: OutputOptions,
) -> int:
    from remediator.cli.work import tell
    from remediator.views.runs_text import show_story

    async def go(session: "Session") -> int:
        check_endpoint(story.plan, session.cloud.endpoint)
        if story.state is not RunState.OWING:  # what only puts a lock back needs nobody's signature
            with refusals_audited(story.plan, how.state):
                how.signatures.check(story.plan)
        show_story(stderr(), story)
        if not how.yes:
            if not can_ask():
                say("not resumed: no terminal to ask on, and no --yes")
                return Exit.REFUSED
            if not await approved(_question(story)):
                say("not approved; the run stays unfinished")
                return Exit.REFUSED
        try:
            await audit_resumption(session, story.plan, story.run_id, how.state, yes=how.yes)
        except UnwrittenError as error:
            state = state_of(how.state)
            raise await without_report(session, state, story.run_id, story.plan, error) from error
        closed = await _closed(session, story, how, within)
        again = story.state is RunState.OWING and not story.guarded
        made = await take_up(session, story.run_id, story.plan, how, closed=closed, again=again)
        return tell(made, show)

    return with_session(azure, go)


async def _closed(
    session: "Session", story: Story, how: ApplyOptions, within: GateOptions
) -> str | None:
    """Why nothing more of a run may be begun: the guards judge again, days may have passed.

    None where they let it go on, and where there is nothing left that it would begin.
    """
    from remediator.cli.limiting import through_gate

    sent = {entry.step for entry in story.entries if isinstance(entry, Sent)}
    sent |= {entry.outcome.step for entry in story.entries if isinstance(entry, Ended)}
    steps = enumerate(story.plan.steps, 1)
    left = [n for n, s in steps if isinstance(s, Change) and not s.always and n not in sent]
    if story.state is RunState.OWING or not left:
        return None
    held: Held | None = None
    for look in range(_LOOKS):
        if look:
            await asyncio.sleep(how.poll_interval)  # what could not be read may be read now
        allowed = await through_gate(session, story.plan, within)
        held = next((s for s in allowed.steps if isinstance(s, Held) and s.guard), None)
        if held is None:
            return None
    if held is None:
        return None
    why = f"refused by a guard ({held.guard}): {held.why[0]}"
    say(f"{story.run_id}: nothing more is begun, only put back: {why}")
    return why


def _question(story: Story) -> str:
    done = {entry.outcome.step for entry in story.entries if isinstance(entry, Ended)}
    left = [
        number
        for number, step in enumerate(story.plan.steps, 1)
        if isinstance(step, Change) and number not in done
    ]
    if story.state is RunState.OWING:
        return f"Put back what {story.run_id} ({story.plan.job.vm_name!r}) took off? [y/N] "
    steps = ", ".join(map(str, left)) or "none"
    return f"Go on with {story.run_id} ({story.plan.job.vm_name!r}), steps left: {steps}? [y/N] "
