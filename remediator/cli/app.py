"""The verbs. Each function only names its options; the work is imported when it is called."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from remediator.cli import audit as audit_verb
from remediator.cli import completing, examples, lists, pages, simulating
from remediator.cli import keys as keys_verb
from remediator.cli import options as o
from remediator.cli import playbooks as playbooks_verb
from remediator.cli import runs as runs_verb
from remediator.cli.grouped import grouped
from remediator.cli.help import FIX, LOOK, PLAYBOOKS, RUNS, SET_UP, group, verb
from remediator.cli.options.applying import (
    ApplyOptions,
    RestoreOptions,
    RunOptions,
    SignatureOptions,
    VerifyOptions,
)
from remediator.cli.options.azure import AzureOptions
from remediator.cli.options.history import HistoryOptions, HistoryOutputOptions
from remediator.cli.options.job import ConsentOptions, GivenOptions, JobOptions
from remediator.cli.options.limits import GateOptions, LimitOptions
from remediator.cli.options.named import NamedOptions
from remediator.cli.options.output import (
    JsonOutputOptions,
    ListOutputOptions,
    OutputOptions,
    PlainOutputOptions,
    PlanOutputOptions,
)
from remediator.cli.options.recording import RecordOptions
from remediator.cli.options.report import ReportOutputOptions
from remediator.cli.options.rights import DoctorOptions, RoleOptions
from remediator.cli.options.scan import DeedOptions, ScanOutputOptions, ScopeOptions
from remediator.cli.options.silent import CONFIG, DEBUG, LANG, MASK, QUIET, VERBOSE
from remediator.cli.options.vm import CheckOptions
from remediator.version import __version__

app = group(
    "Diagnose failed Azure VM backups, plan the exact fix, apply it on consent, prove it.",
    epilog=examples.START,
)


app.add_typer(playbooks_verb.app, name="playbooks", rich_help_panel=PLAYBOOKS)
app.add_typer(audit_verb.app, name="audit", rich_help_panel=RUNS)
app.add_typer(runs_verb.app, name="runs", rich_help_panel=RUNS)
app.add_typer(keys_verb.app, name="keys", rich_help_panel=SET_UP)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"remediate {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


@verb(app, task=FIX, epilog=examples.RUN)
@grouped(LANG, CONFIG, MASK, QUIET, VERBOSE, DEBUG)
def run(
    *,
    which: NamedOptions,
    azure: AzureOptions,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Stop after the plan. Never asks.", rich_help_panel=o.CONSENT
        ),
    ] = False,
    how: ApplyOptions,
    wanted: JobOptions,
    signatures: SignatureOptions,
    enqueue: o.Enqueue = False,
    parallelism: o.AtATime = 4,
    within: GateOptions,
    show: PlanOutputOptions,
) -> int:
    """Plan the fix of failed jobs, ask, apply it, follow the new backups, report."""
    from remediator.cli import work

    how = replace(how, signatures=signatures, enqueue=enqueue, at_a_time=parallelism)
    return work.run(azure, which, wanted, how, within, show, dry_run=dry_run)


@verb(app, task=FIX, epilog=examples.PLAN)
@grouped(LANG, CONFIG, MASK, QUIET, VERBOSE, DEBUG)
def plan(
    *,
    which: NamedOptions,
    out: Annotated[
        Path | None, typer.Option("--out", help="Save the plan here, for `remediate apply`.")
    ] = None,
    sign: Annotated[
        Path | None,
        typer.Option("--sign", help="Sign it with this key; `remediate keys new` makes one."),
    ] = None,
    azure: AzureOptions,
    wanted: JobOptions,
    within: LimitOptions,
    show: PlanOutputOptions,
) -> int:
    """Plan the fix of one failed job and save the plan for approval. Changes nothing."""
    from remediator.cli import work

    return work.plan(azure, which, wanted, within, show, out, sign)


@verb(app, task=FIX, epilog=examples.PLAN)
@grouped(LANG, CONFIG, MASK, DEBUG)
def show(
    *,
    file: Annotated[Path, typer.Argument(help="A plan that `remediate plan --out` saved.")],
    wanted: PlanOutputOptions,
) -> int:
    """Show a saved plan. Works offline."""
    from remediator.cli import work

    return work.show(file, wanted)


@verb(app, task=FIX, epilog=examples.APPLY)
@grouped(LANG, CONFIG, MASK, QUIET, VERBOSE, DEBUG)
def apply(
    *,
    file: Annotated[list[Path], typer.Argument(help="Plans that `remediate plan --out` saved.")],
    azure: AzureOptions,
    how: ApplyOptions,
    given: GivenOptions,
    signatures: VerifyOptions,
    enqueue: o.Enqueue = False,
    parallelism: o.AtATime = 4,
    within: GateOptions,
    wanted: OutputOptions,
) -> int:
    """Apply saved plans exactly. Refuse altered, expired, stale and unapproved plans."""
    from remediator.cli import work

    how = replace(how, given=given, signatures=signatures, enqueue=enqueue, at_a_time=parallelism)
    return work.apply(azure, file, how, within, wanted)


@verb(app, task=FIX, epilog=examples.SCAN)
@grouped(LANG, CONFIG, MASK, QUIET, VERBOSE, DEBUG)
def scan(
    *,
    where: ScopeOptions,
    azure: AzureOptions,
    consent: ConsentOptions,
    deed: DeedOptions,
    how: ApplyOptions,
    enqueue: o.Enqueue = False,
    parallelism: o.AtATime = 4,
    within: GateOptions,
    show: ScanOutputOptions,
) -> int:
    """Find every failed backup in scope and plan its fix, worst first. --apply fixes them."""
    from remediator.cli import scanning

    how = replace(how, enqueue=enqueue, at_a_time=parallelism)
    return scanning.scan(azure, where, consent, deed, how, within, show)


@verb(app, task=LOOK)
@grouped(LANG, CONFIG, MASK, QUIET, VERBOSE, DEBUG)
def check(*, which: CheckOptions, azure: AzureOptions, show: PlainOutputOptions) -> int:
    """Look at everything that a VM's backup depends on. Changes nothing."""
    from remediator.cli import checking

    return checking.check(azure, which, show)


@verb(app, task=LOOK)
@grouped(CONFIG, QUIET, VERBOSE, DEBUG)
def record(*, wanted: RecordOptions, azure: AzureOptions) -> int:
    """Record Azure's answers about a VM or its job in a file, scrubbed. Changes nothing."""
    from remediator.cli import recording

    return recording.record(azure, wanted)


@verb(app, task=SET_UP)
@grouped(CONFIG, DEBUG)
def permissions(*, wanted: RoleOptions, show: JsonOutputOptions) -> int:
    """Print the custom role with the needed permissions, for `az role definition create`."""
    from remediator.cli import rights

    return rights.role(wanted, show)


@verb(app, task=SET_UP, epilog=examples.columns(lists.RIGHTS))
@grouped(LANG, CONFIG, MASK, QUIET, VERBOSE, DEBUG)
def doctor(*, wanted: DoctorOptions, azure: AzureOptions, show: ListOutputOptions) -> int:
    """Tell whether this identity has the needed permissions. Changes nothing."""
    from remediator.cli import rights

    return rights.doctor(azure, wanted, show)


@verb(app, task=LOOK)
@grouped(LANG, CONFIG, DEBUG)
def explain(
    *,
    code_or_text: Annotated[
        list[str],
        typer.Argument(
            help="Codes, or the text of an error; - reads it from stdin.",
            autocompletion=completing.codes,
        ),
    ],
    playbooks: o.Playbooks = None,
    show: PlainOutputOptions,
) -> int:
    """Tell what a code or an error text means, and what would be done. Works offline."""
    from remediator.cli import offline

    return offline.explain(code_or_text, playbooks, show)


@verb(app, task=PLAYBOOKS, epilog=examples.columns(lists.ACTIONS))
@grouped(LANG, DEBUG)
def actions(*, show: ListOutputOptions) -> int:
    """List the actions that a playbook's steps may name."""
    from remediator.cli import offline

    return offline.actions(show)


@verb(app, task=RUNS)
@grouped(LANG, CONFIG, MASK, QUIET, VERBOSE, DEBUG)
def resume(
    *,
    run_id: Annotated[
        str | None,
        typer.Argument(
            help="The run. Default: the only unfinished run.",
            autocompletion=completing.unfinished,
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Resume every unfinished run.")] = False,
    azure: AzureOptions,
    how: ApplyOptions,
    signatures: VerifyOptions,
    within: GateOptions,
    show: PlainOutputOptions,
) -> int:
    """Finish an interrupted run. Nothing is done twice."""
    from remediator.cli import former

    how = replace(how, signatures=signatures)
    return former.resume(azure, run_id, how, within, show, every=every)


@verb(app, "restore-locks", task=RUNS)
@grouped(CONFIG, QUIET, VERBOSE, DEBUG)
def restore_locks(
    *,
    run_id: Annotated[
        str,
        typer.Argument(help="A run, or the file of its record.", autocompletion=completing.runs),
    ],
    azure: AzureOptions,
    every: Annotated[
        bool, typer.Option("--all", help="Put back the locks that were left off on purpose, too.")
    ] = False,
    how: RestoreOptions,
) -> int:
    """Put back by hand the locks that a run took off, from its record alone."""
    from remediator.cli import locks

    return locks.restore_locks(azure, run_id, how, every=every)


@verb(app, task=RUNS)
@grouped(CONFIG, QUIET, VERBOSE, DEBUG)
def worker(
    *,
    name: Annotated[
        str,
        typer.Option(
            "--name",
            help="A name that stays the same: a worker started again with it resumes its runs.",
        ),
    ],
    at_a_time: Annotated[
        int, typer.Option("--parallelism", help="How many runs at the same time.", min=1, max=64)
    ] = 4,
    until_empty: Annotated[
        bool, typer.Option("--until-empty", help="End when the queue is empty.")
    ] = False,
    azure: AzureOptions,
    how: RunOptions,
    signatures: VerifyOptions,
) -> int:
    """Work on the queue of approved plans. Several workers can share one PostgreSQL."""
    from remediator.cli import worker as workers

    return workers.work_on_queue(
        azure, name, how, signatures, at_a_time=at_a_time, until_empty=until_empty
    )


@verb(app, task=RUNS, epilog=examples.HISTORY)
@grouped(LANG, CONFIG, MASK, QUIET, DEBUG)
def history(*, wanted: HistoryOptions, state: o.State = None, show: HistoryOutputOptions) -> int:
    """Tell what failed again and again, what recovered, and what helped. Works offline."""
    from remediator.cli import looking_back

    return looking_back.history(wanted, state, show)


@verb(app, task=RUNS, epilog=examples.REPORT)
@grouped(LANG, CONFIG, MASK, QUIET, DEBUG)
def report(
    *,
    named: Annotated[
        str,
        typer.Argument(
            metavar="RUN|FILE",
            help="A stored run; or a saved plan, report, batch or scan as JSON.",
            autocompletion=completing.runs,
        ),
    ],
    state: o.State = None,
    show: ReportOutputOptions,
) -> int:
    """Show a stored run or a saved file again, in any form. Works offline."""
    from remediator.cli import reporting

    return reporting.report(named, state, show)


@verb(app, task=PLAYBOOKS)
def schema(
    what: Annotated[
        Literal["plan", "report", "batch", "scan", "playbook", "check", "history"],
        typer.Argument(help="The file whose JSON Schema is printed."),
    ] = "plan",
) -> int:
    """Print the JSON Schema of a file that `remediate` reads or writes."""
    from remediator.cli.schemas import text

    typer.echo(text(what), nl=False)
    return 0


verb(app, "simulator", task=SET_UP)(simulating.simulator)


@verb(app, task=SET_UP)
def demo() -> int:
    """A tour on the local Azure: three failed backups diagnosed, fixed and proved. No account."""
    from remediator.cli.demo import tour

    return tour()


verb(app, "help", task=SET_UP)(pages.help_on)
