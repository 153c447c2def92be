"""What the verbs do: options in, the flow called, an exit code out."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from rich.console import Console

from remediator.cli import Exit
from remediator.cli.approval import (
    audit_refusal,
    check_anew_here,
    check_endpoint,
    check_given,
    check_playbook,
    lacking_where_unsigned,
    refusals_audited,
)
from remediator.cli.asking import approved, can_ask
from remediator.cli.connect import with_session
from remediator.cli.options.applying import ApplyOptions
from remediator.cli.options.azure import AzureOptions
from remediator.cli.options.job import JobOptions
from remediator.cli.options.limits import GateOptions, LimitOptions
from remediator.cli.options.output import OutputOptions
from remediator.cli.output import say, start_output, stderr, stdout, write
from remediator.cli.plan_code import left_code, plan_code
from remediator.errors import BadInputError
from remediator.guards.limits import Limits
from remediator.json_text import json_text
from remediator.patience import Patience
from remediator.plan.plan import Plan, check_expiry, read_plan
from remediator.plan.signing import read_private, signed
from remediator.playbook.catalogue import read_catalogue

if TYPE_CHECKING:
    from remediator.azure.session import Session
    from remediator.report.report import Report

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d|)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def run(
    azure: AzureOptions,
    jobs: Sequence[str],
    wanted: JobOptions,
    how: ApplyOptions,
    within: GateOptions,
    show: OutputOptions,
    *,
    dry_run: bool,
) -> int:
    """Plan; then, with consent and as the guards allow, apply and report."""
    from remediator.cli.limiting import through_gate

    patience = Patience(poll=how.poll_interval, timeout=seconds(how.timeout))
    limits = within.limits()
    start_output(show)
    if not dry_run:
        _warn(how)

    async def go(session: "Session") -> int:
        if len(jobs) > 1:
            from remediator.cli.batch import run_jobs

            return await run_jobs(session, jobs, wanted, how, within, show, dry_run=dry_run)
        with patience.bounding():  # a run has its own time from its begin on
            made = await make_plan(session, jobs[0], wanted, limits)
        applying = (made.summary.has_changes or made.refused) and not dry_run
        asking = applying and not how.yes
        if asking and not can_ask():
            _print_plan(made, show)
            say("not applied: no terminal to ask on, and no --yes")
            return Exit.REFUSED
        if not applying:
            _print_plan(made, show)
            return _plan_code(made, show) if dry_run else left_code(made)
        with refusals_audited(made, how.state):
            how.signatures.check(made)
        made = await through_gate(session, made, within)
        if made.refused:
            await audit_refusal(session, made, how.state, "a guard")
            return _guarded(made, show)
        if show.format == "text":
            _print_plan(made, show, brief=how.yes)
        elif asking:
            _print_plan_text(made, stderr())
        if asking:
            if not await approved(_question(made)):
                await audit_refusal(session, made, how.state, "not approved at the terminal")
                return _refused(made, show)
            # Approving may have taken hours.
            made = await through_gate(session, made, within)
            if made.refused:
                await audit_refusal(session, made, how.state, "a guard")
                return _guarded(made, show)
        return await _apply(session, made, how, within, show)

    return with_session(azure, go)


def plan(
    azure: AzureOptions,
    job_id: str,
    wanted: JobOptions,
    within: LimitOptions,
    show: OutputOptions,
    out: Path | None,
    sign: Path | None,
) -> int:
    """Plan, show, and save when asked, signed when asked."""
    limits = within.limits()
    if sign is not None and out is None:
        raise BadInputError("--sign signs a plan that is saved: give --out too")
    key = read_private(sign) if sign else None
    start_output(show)

    async def go(session: "Session") -> int:
        made = await make_plan(session, job_id, wanted, limits, for_later=True)
        made = signed(made, key) if key else made
        if out is not None:
            write(out, json_text(made))
            if flags := lacking_where_unsigned(made):
                said = " ".join((quote(str(out)), *flags))
                say(f"not signed: whoever applies it consents anew: remediate apply {said}")
        _print_plan(made, show)
        return _plan_code(made, show)

    return with_session(azure, go)


def show(file: Path, wanted: OutputOptions) -> int:
    """Show a saved plan."""
    saved = read_plan(file)
    start_output(wanted)
    _print_plan(saved, wanted)
    return _plan_code(saved, wanted)


def apply(
    azure: AzureOptions,
    files: Sequence[Path],
    how: ApplyOptions,
    within: GateOptions,
    wanted: OutputOptions,
) -> int:
    """Apply saved plans, as the guards allow."""
    seconds(how.timeout)
    within.limits()
    if how.given is not None:
        how.given.consent()
    first, *more = [read_plan(file) for file in files]
    if not more:
        return _apply_one(azure, first, how, within, wanted)
    start_output(wanted)
    _warn(how)

    async def go(session: "Session") -> int:
        from remediator.cli.batch import apply_plans

        return await apply_plans(session, (first, *more), how, within, wanted)

    return with_session(azure, go)


def _apply_one(
    azure: AzureOptions,
    saved: Plan,
    how: ApplyOptions,
    within: GateOptions,
    wanted: OutputOptions,
) -> int:
    from remediator.cli.limiting import through_gate

    with refusals_audited(saved, how.state):
        check_expiry(saved, datetime.now(UTC))
        how = replace(how, signed_by=how.signatures.check(saved))
    start_output(wanted)
    _warn(how)
    if saved.refused:
        return _guarded(saved, wanted)
    if not saved.summary.has_changes:
        _print_plan(saved, wanted)
        return left_code(saved)
    with refusals_audited(saved, how.state):
        check_playbook(saved, how.playbooks)
        check_given(saved, how)

    async def go(session: "Session") -> int:
        check_endpoint(saved, session.cloud.endpoint)
        await check_anew_here(session, saved, how)
        if not how.yes:
            if not can_ask():
                say("not applied: no terminal to ask on, and no --yes")
                return Exit.REFUSED
            _print_plan_text(saved, stderr())
            if not await approved(_question(saved)):
                await audit_refusal(session, saved, how.state, "not approved at the terminal")
                return _refused(saved, wanted)
        allowed = await through_gate(session, saved, within)
        if allowed.refused:
            await audit_refusal(session, allowed, how.state, "a guard")
            return _guarded(allowed, wanted)
        return await _apply(session, allowed, how, within, wanted)

    return with_session(azure, go)


def _warn(how: ApplyOptions) -> None:
    """Before anything is changed, say what earlier runs have left owing."""
    from remediator.cli.state import say_forgotten, state_of

    say_forgotten(state_of(how.state))


def seconds(text: str) -> float:
    """A duration such as 90s, 45m, 3h.

    Raises:
        BadInputError: not a duration.
    """
    match = _DURATION.fullmatch(text.strip().lower())
    if not match:
        raise BadInputError(f"--timeout {text!r} is not a duration such as 90s, 45m or 3h")
    found = float(match[1]) * _SECONDS[match[2]]
    if not found:
        raise BadInputError("--timeout 0 leaves no time to do anything")
    return found


async def make_plan(
    session: "Session", job_id: str, wanted: JobOptions, limits: Limits, *, for_later: bool = False
) -> Plan:
    """The plan of one job.

    Raises:
        BadInputError: no such job, or an option that cannot be understood.
        AzureError: the job could not be read.
        JobNotRemediableError: it is not a failed one of an Azure VM.
    """
    from remediator.inspect.locate import Scope, locate
    from remediator.plan.planning import plan_job

    consent = wanted.consent()
    settings = wanted.settings(session.cloud.backup_app_id)
    catalogue = read_catalogue(wanted.playbooks)
    scope = Scope(
        subscriptions=wanted.subscriptions,
        resource_group=wanted.resource_group,
        vault=wanted.vault,
    )
    return await plan_job(
        session.reader,
        await locate(session.reader, job_id, scope),
        catalogue,
        said_code=wanted.error_code,
        consent=consent,
        settings=settings,
        limits=limits,
        for_later=for_later,
        endpoint=session.cloud.endpoint,
        addressed=session.addressed,
        now=datetime.now(UTC),
    )


async def _apply(
    session: "Session", made: Plan, how: ApplyOptions, within: GateOptions, show: OutputOptions
) -> int:
    if how.enqueue:
        from remediator.cli.worker import enqueue

        run_id = await enqueue(made, how, within)
        with stdout(show) as console:
            told = json.dumps({"run_id": run_id}) if show.format == "json" else run_id
            console.out(told, highlight=False)
        return Exit.OK
    from remediator.cli.running import begin

    return tell(await begin(session, made, how), show)


def _plan_code(made: Plan, show: OutputOptions) -> int:
    return plan_code((made,), detailed=show.detailed_exitcode)


def report_code(report: "Report") -> int:
    """The exit code that a report comes to."""
    from remediator.run.verdict import Ending

    if report.locks_owed or report.power_owed:
        return Exit.LOCK_OFF
    if report.interrupted:
        return Exit.INTERRUPTED
    if report.fixed:
        # The backup works; what is left to a human then is something that was not put back.
        return Exit.UNFIXED if report.next else Exit.OK
    stale = any(outcome.result == "stale" for outcome in report.outcomes)
    if stale and report.verdict.ending is Ending.HUMAN:
        return Exit.REFUSED
    return Exit.UNFIXED


def _guarded(made: Plan, show: OutputOptions) -> int:
    from remediator.cli.limiting import say_refused

    _print_plan(made, show)
    say_refused(made)
    return Exit.REFUSED


def _refused(made: Plan, show: OutputOptions) -> int:
    if show.format == "json":
        _print_plan(made, show)
    say("not approved; nothing was changed")
    return Exit.REFUSED


def _question(made: Plan) -> str:
    lost = f", LOSING {made.summary.data_loss} restore points" if made.summary.data_loss else ""
    return f"Apply {made.summary.changes} changes to {made.job.vm_name!r}{lost}? [y/N] "


def _print_plan(made: Plan, show: OutputOptions, *, brief: bool = False) -> None:
    with stdout(show) as console:
        if show.format == "json":
            console.out(json_text(made), end="", highlight=False)
        else:
            _print_plan_text(made, console, brief=brief)


def _print_plan_text(made: Plan, console: Console, *, brief: bool = False) -> None:
    from remediator.views.plan_text import show_plan, show_plan_briefly

    (show_plan_briefly if brief else show_plan)(console, made)


def tell(report: "Report", show: OutputOptions) -> int:
    """Show a report; its exit code, also when it cannot be shown: what was done is done."""
    code = report_code(report)
    try:
        _print_report(report, show)
    except (OSError, BadInputError) as error:
        told = str(error) or type(error).__name__
        say(f"the report cannot be shown ({told}): remediate runs show {report.run_id} tells it")
        return code or Exit.ERROR
    return code


def _print_report(report: "Report", show: OutputOptions) -> None:
    from remediator.views.report_text import show_report

    with stdout(show) as console:
        if show.format == "json":
            console.out(json_text(report), end="", highlight=False)
        else:
            show_report(console, report)
