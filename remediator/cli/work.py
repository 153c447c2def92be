"""The work of the verbs for plans: options to the flow, its outcome to a view and an exit code."""

import json
from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from remediator.cli import Exit
from remediator.cli.again import again
from remediator.cli.askers import asker
from remediator.cli.codes import (
    code_of_batch,
    code_of_idle,
    code_of_planned,
    code_of_plans,
    code_of_report,
)
from remediator.cli.connect import with_session
from remediator.cli.forms import forms_of
from remediator.cli.jobs import job_named, jobs_named
from remediator.cli.masking import masked, masked_path, masked_text
from remediator.cli.options.applying import ApplyOptions
from remediator.cli.options.azure import AzureOptions
from remediator.cli.options.job import JobOptions
from remediator.cli.options.limits import GateOptions, LimitOptions
from remediator.cli.options.named import NamedOptions
from remediator.cli.options.output import OutputOptions
from remediator.cli.output import Draw, Made, note, put, say, start_output, write
from remediator.cli.screen import Screen
from remediator.cli.streams import is_read
from remediator.cli.terms import terms, wanted
from remediator.errors import BadInputError
from remediator.flow.requests import Times
from remediator.json_text import json_text
from remediator.language import _
from remediator.plan.plan import Plan, read_plan
from remediator.plan.signing import read_private, signed

if TYPE_CHECKING:
    from rich.console import Console

    from remediator.azure.session import Session
    from remediator.flow.one import NotApplied, Outcome
    from remediator.flow.ports import Means
    from remediator.flow.requests import Terms, Wanted
    from remediator.flow.several import Planned
    from remediator.report.batch import Batch
    from remediator.report.report import Report

_NOBODY = "not applied: no terminal to ask on, and no --yes"


def run(
    azure: AzureOptions,
    which: NamedOptions,
    known: JobOptions,
    how: ApplyOptions,
    within: GateOptions,
    show: OutputOptions,
    *,
    dry_run: bool,
) -> int:
    """Plan. Then, with consent and as the guards allow, apply and report.

    Raises:
        BadInputError: an option, or a file that names jobs, cannot be used.
    """
    from remediator.flow.owing import tell_forgotten
    from remediator.flow.planning import plan_one

    ask, on = wanted(known, within.limits()), terms(how, within)
    jobs = jobs_named(which)
    several = len(jobs) > 1
    screen = Screen(show, plans=how.yes or several, several=several)
    start_output(show)
    if not dry_run:
        tell_forgotten(screen, on.state)

    async def go(session: "Session") -> int:
        from remediator.flow.one import apply_one

        if several:
            return await _run_several(session, jobs, ask, on, how, screen, show, dry_run=dry_run)
        made = await plan_one(session, jobs[0], ask, on.times)
        screen.read()
        if dry_run:
            _print_plan(made, show, then=again(*made.opt_ins, without="--dry-run"))
            return code_of_plans((made,), detailed=show.detailed_exitcode)
        outcome = await apply_one(_means(session, screen, how, show), made, on)
        return _told(outcome, made, show)

    with screen:
        screen.reading(_reading(len(jobs)))
        return with_session(azure, go)


def _reading(jobs: int) -> str:
    """What is read to make plans."""
    if jobs == 1:
        return _("reading the job and what it depends on")
    return _("reading {count} jobs and what they depend on").format(count=jobs)


async def _run_several(
    session: "Session",
    jobs: Sequence[str],
    ask: "Wanted",
    on: "Terms",
    how: ApplyOptions,
    screen: Screen,
    show: OutputOptions,
    *,
    dry_run: bool,
) -> int:
    from remediator.flow.several import plan_jobs

    planned = await plan_jobs(session, jobs, ask, on.times)
    screen.read()
    means = _means(session, screen, how, show)
    unasked = planned.wanting and not dry_run and not means.asker.there
    if unasked:
        say(_NOBODY)
    if unasked or dry_run or not planned.wanting:
        batch = planned.as_they_are()
        for plan in planned.plans:
            _print_text(plan, show)
        _print_batch(batch, show)
        if dry_run:
            return code_of_planned(batch, planned.plans, detailed=show.detailed_exitcode)
        return code_of_batch(batch) or (Exit.REFUSED if unasked else Exit.OK)
    return await _treated(means, planned, on, screen, show, ask)


async def _treated(
    means: "Means",
    planned: "Planned",
    on: "Terms",
    screen: Screen,
    show: OutputOptions,
    ask: "Wanted | None",
) -> int:
    from remediator.flow.several import apply_several

    batch = await apply_several(means, planned, on, ask)
    if batch is None:
        say("not approved; nothing was changed")
        _print_batch(planned.as_they_are(), show)
        return Exit.REFUSED
    screen.put(*_views_of_batch(batch))
    return code_of_batch(batch) or (Exit.ERROR if screen.lost else Exit.OK)


def plan(
    azure: AzureOptions,
    which: NamedOptions,
    known: JobOptions,
    within: LimitOptions,
    show: OutputOptions,
    out: Path | None,
    sign: Path | None,
) -> int:
    """Plan and show. Save and sign the plan if the person asks for it."""
    from remediator.flow.admission import lacking_where_unsigned
    from remediator.flow.planning import plan_one
    from remediator.report.batch import next_command

    ask = wanted(known, within.limits())
    if sign is not None and out is None:
        raise BadInputError("--sign signs a plan that is saved: give --out too")
    key = read_private(sign) if sign else None
    job_id = job_named(which)
    start_output(show)

    async def go(session: "Session") -> int:
        made = await plan_one(session, job_id, ask, Times(), for_later=True)
        screen.read()
        made = signed(made, key) if key else made
        then = again(*made.opt_ins) if made.opt_ins else next_command(made)
        if out is not None:
            write(out, json_text(made))
            note(f"the plan is saved in {masked_path(str(out))}, good until {made.expires:%F %R}Z")
            flags = lacking_where_unsigned(made)
            if made.changes:
                then = " ".join(("remediate apply", quote(masked_path(str(out))), *flags))
            if flags:
                say(f"not signed, so consent is needed again to apply it: {then}")
        _print_plan(made, show, then=then)
        return code_of_plans((made,), detailed=show.detailed_exitcode)

    with Screen(show) as screen:
        screen.reading(_reading(1))
        return with_session(azure, go)


def show(file: Path, given: OutputOptions) -> int:
    """Show a saved plan."""
    from remediator.flow.admission import lacking_where_unsigned
    from remediator.report.batch import next_command

    saved = read_plan(file)
    start_output(given)
    flags = lacking_where_unsigned(saved)
    apply = " ".join(("remediate apply", quote(masked_path(str(file))), *flags))
    _print_plan(saved, given, then=next_command(saved) if saved.opt_ins else apply)
    return code_of_plans((saved,), detailed=given.detailed_exitcode)


def apply(
    azure: AzureOptions,
    files: Sequence[Path],
    how: ApplyOptions,
    within: GateOptions,
    show: OutputOptions,
) -> int:
    """Apply saved plans, as the guards allow."""
    on = terms(how, within)
    saved = [read_plan(file) for file in files]
    screen = Screen(show, plans=len(saved) > 1, several=len(saved) > 1)
    with screen:
        if len(saved) == 1:
            return _apply_one(azure, saved[0], how, on, screen, show)
        return _apply_several(azure, saved, how, on, screen, show)


def _apply_one(
    azure: AzureOptions,
    saved: Plan,
    how: ApplyOptions,
    on: "Terms",
    screen: Screen,
    show: OutputOptions,
) -> int:
    from remediator.flow.admission import check_terms
    from remediator.flow.one import Because, NotApplied, apply_one
    from remediator.flow.owing import tell_forgotten

    on = check_terms(screen, saved, on)
    start_output(show)
    tell_forgotten(screen, on.state)
    if saved.refused:
        return _not_applied(NotApplied(saved, Because.GUARD), show)
    if not saved.changes:
        return _not_applied(NotApplied(saved, Because.NOTHING), show)

    async def go(session: "Session") -> int:
        outcome = await apply_one(_means(session, screen, how, None), saved, on)
        if isinstance(outcome, NotApplied) and outcome.because is Because.NOBODY:
            say(_NOBODY)
            return Exit.REFUSED
        return _told(outcome, saved, show)

    return with_session(azure, go)


def _apply_several(
    azure: AzureOptions,
    saved: Sequence[Plan],
    how: ApplyOptions,
    on: "Terms",
    screen: Screen,
    show: OutputOptions,
) -> int:
    from remediator.flow.owing import tell_forgotten
    from remediator.flow.several import saved_plans

    start_output(show)
    tell_forgotten(screen, on.state)

    async def go(session: "Session") -> int:
        means = _means(session, screen, how, None)
        planned = saved_plans(means, saved, on)
        if any(plan.changes for plan in planned.plans) and not means.asker.there:
            say(_NOBODY)
            _print_batch(planned.as_they_are(), show)
            return Exit.REFUSED
        return await _treated(means, planned, on, screen, show, None)

    return with_session(azure, go)


def _means(
    session: "Session", screen: Screen, how: ApplyOptions, show: OutputOptions | None
) -> "Means":
    from remediator.engine.engines import DbosEngines
    from remediator.flow.ports import Means

    return Means(session, DbosEngines(), asker(show, yes=how.yes), screen)


def _told(outcome: "Outcome", made: Plan, show: OutputOptions) -> int:
    """Show the outcome of applying one plan, and return its exit code."""
    from remediator.flow.one import NotApplied, Queued
    from remediator.report.summary import of_queued

    match outcome:
        case NotApplied():
            return _not_applied(outcome, show)
        case Queued(run_id=run_id):
            put(
                show,
                lambda console: console.out(run_id, highlight=False),
                {
                    "json": lambda: json.dumps({"run_id": run_id}) + "\n",
                    **forms_of(lambda: of_queued(masked(made), run_id)),
                },
            )
            return Exit.OK
        case _:
            return tell(outcome, show)


def _not_applied(left: "NotApplied", show: OutputOptions) -> int:
    from remediator.flow.one import Because
    from remediator.plan.gate import refusal_of

    match left.because:
        case Because.NOTHING:
            _print_plan(left.plan, show)
            return code_of_idle(left.plan)
        case Because.NOBODY:
            _print_plan(left.plan, show, then=again("--yes"))
            say(_NOBODY)
        case Because.GUARD:
            _print_plan(left.plan, show)
            say(f"not applied: {refusal_of(left.plan)}")
        case Because.NO:
            _print_plan(left.plan, show, text=False)
            say("not approved; nothing was changed")
    return Exit.REFUSED


def tell(report: "Report", show: OutputOptions) -> int:
    """Show a report and return its exit code.

    If the report cannot be shown, the code still tells what was done.
    """
    code = code_of_report(report)
    try:
        _print_report(report, show)
    except (OSError, BadInputError) as error:
        told = str(error) or type(error).__name__
        say(f"the report cannot be shown ({told}): remediate runs show {report.run_id} tells it")
        return code or Exit.ERROR
    if not is_read():
        say(f"nobody reads the report to its end: remediate runs show {report.run_id} tells it")
    return code


def _print_plan(
    made: Plan, show: OutputOptions, *, text: bool = True, then: str | None = None
) -> None:
    """Show a plan in each wanted form. Without text if a person has read it already.

    Args:
        made: the plan.
        show: the forms.
        text: whether to show the form for a person.
        then: how to apply it, for a person.
    """
    from remediator.report.summary import of_plan
    from remediator.views.plan_text import show_plan

    made, then = masked(made), masked_text(then) if then else None
    forms = {"json": lambda: json_text(made), **forms_of(lambda: of_plan(made))}

    def draw(console: "Console") -> None:
        show_plan(console, made, then, details=show.details)

    put(show, draw if text else None, forms)


def _print_text(made: Plan, show: OutputOptions) -> None:
    """Show a plan to a person. The other forms tell it together with other plans."""
    from remediator.views.plan_text import show_plan

    told = masked(made)
    put(show, lambda console: show_plan(console, told, details=show.details), {})


def _print_report(report: "Report", show: OutputOptions) -> None:
    from remediator.report.summary import of_report
    from remediator.views.report_text import show_report

    told = masked(report)
    forms = {"json": lambda: json_text(told), **forms_of(lambda: of_report(told), (report,))}
    put(show, lambda console: show_report(console, told), forms)


def _print_batch(batch: "Batch", show: OutputOptions) -> None:
    put(show, *_views_of_batch(batch))


def _views_of_batch(batch: "Batch") -> tuple[Draw, dict[str, Made]]:
    from remediator.report.summary import of_batch
    from remediator.views.batch_text import show_batch

    told = masked(batch)
    forms = {"json": lambda: json_text(told), **forms_of(lambda: of_batch(told), batch.reports)}
    return lambda console: show_batch(console, told), forms
