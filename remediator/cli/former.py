"""The work of `remediate runs` and `remediate resume`: former runs and interrupted runs."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from remediator.cli import Exit, code_of, lists
from remediator.cli.askers import asker
from remediator.cli.connect import with_session
from remediator.cli.masking import masked
from remediator.cli.options.applying import ApplyOptions
from remediator.cli.options.azure import AzureOptions
from remediator.cli.options.limits import GateOptions
from remediator.cli.options.output import ListOutputOptions, OutputOptions
from remediator.cli.output import note, put, say, start_output
from remediator.cli.screen import Screen
from remediator.cli.state import state_of
from remediator.cli.terms import past, terms
from remediator.cli.work import tell
from remediator.engine.engines import DbosEngines
from remediator.engine.history import History
from remediator.errors import RemediateError
from remediator.flow.one import Because, NotApplied
from remediator.flow.ports import Means
from remediator.flow.requests import Terms
from remediator.flow.resuming import resumable, resume_one
from remediator.flow.stories import known, stories_of, story_of
from remediator.json_text import json_text, jsons_text
from remediator.record.scans import forget_scans, old_scans
from remediator.report.runs import KnownRun, Story

if TYPE_CHECKING:
    from remediator.azure.session import Session


def list_runs(state: str | None, show: ListOutputOptions, *, unfinished: bool) -> int:
    """Show all runs, the newest first."""
    from remediator.views.runs_text import show_runs

    start_output(show)
    history = History(state_of(state))
    try:
        runs = [run for run in history.runs() if not unfinished or run.state.open]
        told, unread = stories_of(history, runs)
    finally:
        history.close()
    _say_all(unread)
    stories = [masked(story) for _run, story in told]
    put(
        show,
        lambda console: show_runs(console, stories),
        {"json": lambda: jsons_text(stories), "tsv": lambda: lists.tsv(lists.runs(stories))},
    )
    return Exit.ERROR if unread else Exit.OK


def show_run(state: str | None, run_id: str, show: OutputOptions) -> int:
    """Show one run with its plan, its entries and its report."""
    from remediator.views.runs_text import show_story

    start_output(show)
    history = History(state_of(state))
    try:
        story = masked(story_of(history, known(history, run_id)))
    finally:
        history.close()
    put(show, lambda console: show_story(console, story), {"json": lambda: json_text(story)})
    return Exit.OK


def prune(state: str | None, days: float, *, yes: bool) -> int:
    """Forget runs and scans that ended long ago. Unfinished runs are never forgotten.

    Raises:
        BadInputError: the days reach back too far.
        StateError: the state or the records of scans cannot be read or changed.
    """
    before = datetime.now(UTC) - past(days * 86_400, f"--older-than {days:g}")
    where = state_of(state)
    scans = old_scans(where.folder, before)
    if scans and where.file is not None and not where.file.exists():
        return _pruned(0, scans, days, yes=yes)
    history = History(where)
    try:
        old = [run for run in history.runs() if not run.state.open and run.touched < before]
        if yes:
            history.forget(run.run_id for run in old)
        return _pruned(len(old), scans, days, yes=yes)
    finally:
        history.close()


def _pruned(runs: int, scans: Sequence[Path], days: float, *, yes: bool) -> int:
    """Forget the scans, or only say what would be forgotten."""
    if not yes:
        ended = f"{runs} runs and {len(scans)} scans ended more than {days:g} days ago"
        say(f"{ended}; --yes forgets them")
        return Exit.OK
    forget_scans(scans)
    say(f"{runs} runs and {len(scans)} scans forgotten; the records of runs in runs/ stay")
    return Exit.OK


def resume(
    azure: AzureOptions,
    run_id: str | None,
    how: ApplyOptions,
    within: GateOptions,
    show: OutputOptions,
    *,
    every: bool,
) -> int:
    """Finish interrupted runs. It takes the same consent as beginning one."""
    on = terms(how, within)
    start_output(show)
    with Screen(show) as screen:
        history = History(on.state)
        try:
            runs = resumable(history, screen, run_id, every=every)
            told, unread = stories_of(history, runs)
        finally:
            history.close()
        _say_all(unread)
        if not told:
            (say if unread else note)("nothing was resumed" if unread else "no run is unfinished")
            return Exit.ERROR if unread else Exit.OK
        alone = len(told) == 1 and not unread
        resumed = [
            _resumed(azure, run, story, how, on, screen, show, alone=alone) for run, story in told
        ]
    codes = [*resumed, *([Exit.ERROR] if unread else [])]
    return max(codes, key=lambda code: (code == Exit.LOCK_OFF, code))


def _resumed(
    azure: AzureOptions,
    run: KnownRun,
    story: Story,
    how: ApplyOptions,
    on: Terms,
    screen: Screen,
    show: OutputOptions,
    *,
    alone: bool,
) -> int:
    """Resume one run. If there are several, its error does not stop the others."""

    async def go(session: "Session") -> int:
        means = Means(session, DbosEngines(), asker(yes=how.yes), screen)
        outcome = await resume_one(means, run, story, on)
        if isinstance(outcome, NotApplied):
            nobody = outcome.because is Because.NOBODY
            say(
                "not resumed: no terminal to ask on, and no --yes"
                if nobody
                else "not approved; the run stays unfinished"
            )
            return Exit.REFUSED
        return tell(outcome, show)

    try:
        return with_session(azure, go)
    except RemediateError as error:
        if alone:
            raise
        say(f"{story.run_id}: {error}")
        return code_of(error)


def _say_all(lines: Iterable[str]) -> None:
    for line in lines:
        say(line)
