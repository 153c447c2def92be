"""The work of `remediate report`: a stored run or a saved file, in any form again."""

import re
from pathlib import Path
from shlex import quote
from typing import Final

from remediator.cli import Exit
from remediator.cli.forms import forms_of
from remediator.cli.masking import masked, masked_path
from remediator.cli.options.report import ReportOutputOptions
from remediator.cli.output import Draw, put, start_output
from remediator.cli.state import state_of
from remediator.errors import BadInputError
from remediator.flow.saved import Saved, read_saved
from remediator.json_text import json_text
from remediator.plan.plan import Plan
from remediator.report.batch import Batch, next_command
from remediator.report.details import Details
from remediator.report.estate import Estate
from remediator.report.report import Report
from remediator.report.runs import Story
from remediator.report.summary import Summary, of_batch, of_estate, of_plan, of_report, of_story

_RUN: Final = re.compile(r"run-\d{8}-\d{6}-[0-9a-f]{6}")


def report(named: str, state: str | None, show: ReportOutputOptions) -> int:
    """Show a stored run or a saved file again.

    Args:
        named: the id of a run, or a file.
        state: where runs are kept, as the person named it.
        show: the forms and their places.

    Raises:
        BadInputError: there is no such run, or the file holds nothing that can be shown.
        StateError: the state of runs cannot be read.
        PlanFileError: the state holds no plan that this version reads.
    """
    path = None if _RUN.fullmatch(named.strip()) else Path(named)
    found = _run(named.strip(), state) if path is None else _file(path)
    start_output(show)
    reports = _reports(found)
    found = masked(found)
    put(
        show,
        _drawn(found, path, details=show.details),
        {"json": lambda: json_text(found), **forms_of(lambda: _summary(found), reports)},
    )
    return Exit.OK


def _run(run_id: str, state: str | None) -> Saved:
    from remediator.engine.history import History
    from remediator.flow.stories import known, story_of

    history = History(state_of(state))
    try:
        story = story_of(history, known(history, run_id))
    finally:
        history.close()
    return story.report or story


def _file(path: Path) -> Saved:
    try:
        found = read_saved(path)
    except BadInputError as error:
        if path.suffix or len(path.parts) > 1:
            raise
        raise BadInputError(f"{error}; the ids of runs: remediate runs list") from None
    return found.report or found if isinstance(found, Story) else found


def _reports(found: Saved) -> tuple[Report, ...]:
    """The reports that a file holds, with the real paths of their records."""
    if isinstance(found, Report):
        return (found,)
    return found.reports if isinstance(found, Batch) else ()


def _drawn(found: Saved, path: Path | None, *, details: bool) -> Draw:
    match found:
        case Plan():
            from remediator.views.plan_text import show_plan

            then = _to_apply(found, path)
            return lambda console: show_plan(console, found, then, details=details)
        case Report():
            from remediator.views.report_text import show_report

            return lambda console: show_report(console, found)
        case Batch():
            from remediator.views.batch_text import show_batch

            return lambda console: show_batch(console, found)
        case Estate():
            from remediator.views.estate_text import show_estate

            # A saved scan holds no plan, so its VMs are shown without what their plans tell.
            more: dict[str, Details] | None = {} if details else None
            return lambda console: show_estate(console, found, more, again=True)
        case Story():
            from remediator.views.runs_text import show_story

            return lambda console: show_story(console, found)


def _to_apply(plan: Plan, path: Path | None) -> str | None:
    """The command that applies a saved plan."""
    from remediator.flow.admission import lacking_where_unsigned

    if path is None:
        return None
    if plan.opt_ins:
        return next_command(plan)
    apply = ("remediate apply", quote(masked_path(str(path))))
    return " ".join((*apply, *lacking_where_unsigned(plan)))


def _summary(found: Saved) -> Summary:
    match found:
        case Plan():
            return of_plan(found)
        case Report():
            return of_report(found)
        case Batch():
            return of_batch(found)
        case Estate():
            return of_estate(found)
        case Story():
            return of_story(found)
