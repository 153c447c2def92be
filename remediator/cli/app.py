"""The verbs. Each function only names its options; the work is imported when it is called."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from remediator import __version__
from remediator.cli import audit as audit_verb
from remediator.cli import keys as keys_verb
from remediator.cli import options as o
from remediator.cli import playbooks as playbooks_verb

app = typer.Typer(
    name="remediate",
    help="Diagnose failed Azure VM backups, plan the exact fix, apply it on consent, prove it.\n\n"
    "[bold]remediate --job-id ID[/] is [bold]remediate run --job-id ID[/]. "
    "Try it without Azure: [bold]remediate demo[/].",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


app.add_typer(playbooks_verb.app, name="playbooks")
app.add_typer(audit_verb.app, name="audit")
app.add_typer(keys_verb.app, name="keys")


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


@app.command()
def run(
    job_id: o.JobId,
    error_code: o.ErrorCode = None,
    vault: o.Vault = None,
    resource_group: o.ResourceGroup = None,
    subscription: o.Subscriptions = None,
    playbooks: o.Playbooks = None,
    cloud: o.CloudName = None,
    arm_endpoint: o.ArmEndpoint = None,
    auth: o.Auth = "auto",
    api_version: o.ApiVersions = None,
    dry_run: o.DryRun = False,
    yes: o.Yes = False,
    allow: o.Allow = None,
    allow_data_loss: o.AllowDataLoss = False,
    backup_service_object_id: o.BackupService = None,
    restore_point_limit: o.RestorePointLimit = None,
    max_targets: o.MaxTargets = None,
    max_errors: o.MaxErrors = None,
    only_subscription: o.OnlySubscription = None,
    only_resource_group: o.OnlyResourceGroup = None,
    opt_out_tag: o.OptOutTag = None,
    ignore_opt_out: o.IgnoreOptOut = False,
    window: o.Windows = None,
    attempts: o.Attempts = 3,
    cool_down: o.CoolDown = 24.0,
    no_preflight: o.NoPreflight = False,
    require_signature: o.RequireSignature = False,
    enqueue: o.Enqueue = False,
    timeout: o.Timeout = "2h",
    poll_interval: o.PollInterval = 30.0,
    state: o.State = None,
    format: o.Format = "text",  # noqa: A002 - the flag's name
    output: o.Output = None,
    detailed_exitcode: o.DetailedExitCode = False,
    lang: o.Lang = None,  # noqa: ARG001 - its callback acts on it
    config: o.Config = None,  # noqa: ARG001 - its callback acts on it
    debug: o.Debug = False,  # noqa: ARG001 - looked for where errors end
) -> int:
    """Plan the fix of one failed job, ask, apply it, follow the new backup, report."""
    from remediator.cli import work
    from remediator.cli.approval import SignatureOptions
    from remediator.cli.connect import AzureOptions
    from remediator.cli.limiting import LimitOptions
    from remediator.cli.output import OutputOptions

    azure = AzureOptions(cloud, arm_endpoint, auth, tuple(api_version or ()))
    wanted = work.JobOptions(
        job_id=job_id,
        error_code=error_code,
        vault=vault,
        resource_group=resource_group,
        subscriptions=tuple(subscription or ()),
        playbooks=playbooks,
        allow=tuple(allow or ()),
        allow_data_loss=allow_data_loss,
        backup_service=backup_service_object_id,
        restore_point_limit=restore_point_limit,
    )
    how = work.ApplyOptions(
        timeout=timeout,
        poll_interval=poll_interval,
        state=state,
        yes=yes,
        playbooks=playbooks,
        signatures=SignatureOptions(required=require_signature),
        enqueue=enqueue,
    )
    within = LimitOptions(
        max_targets=max_targets,
        max_errors=max_errors,
        only_subscription=tuple(only_subscription or ()),
        only_resource_group=tuple(only_resource_group or ()),
        opt_out_tag=opt_out_tag,
        ignore_opt_out=ignore_opt_out,
        window=tuple(window or ()),
        attempts=attempts,
        cool_down=cool_down,
        preflight=not no_preflight,
    )
    show = OutputOptions(format=format, output=output, detailed_exitcode=detailed_exitcode)
    return work.run(azure, wanted, how, within, show, dry_run=dry_run)


@app.command()
def plan(
    job_id: o.JobId,
    out: Annotated[
        Path | None, typer.Option("--out", help="Save the plan here, for `remediate apply`.")
    ] = None,
    sign: Annotated[
        Path | None,
        typer.Option("--sign", help="Sign it with this key; `remediate keys new` makes one."),
    ] = None,
    error_code: o.ErrorCode = None,
    vault: o.Vault = None,
    resource_group: o.ResourceGroup = None,
    subscription: o.Subscriptions = None,
    playbooks: o.Playbooks = None,
    cloud: o.CloudName = None,
    arm_endpoint: o.ArmEndpoint = None,
    auth: o.Auth = "auto",
    api_version: o.ApiVersions = None,
    allow: o.Allow = None,
    allow_data_loss: o.AllowDataLoss = False,
    backup_service_object_id: o.BackupService = None,
    restore_point_limit: o.RestorePointLimit = None,
    max_targets: o.MaxTargets = None,
    max_errors: o.MaxErrors = None,
    only_subscription: o.OnlySubscription = None,
    only_resource_group: o.OnlyResourceGroup = None,
    opt_out_tag: o.OptOutTag = None,
    ignore_opt_out: o.IgnoreOptOut = False,
    window: o.Windows = None,
    attempts: o.Attempts = 3,
    cool_down: o.CoolDown = 24.0,
    format: o.Format = "text",  # noqa: A002 - the flag's name
    output: o.Output = None,
    detailed_exitcode: o.DetailedExitCode = False,
    lang: o.Lang = None,  # noqa: ARG001 - its callback acts on it
    config: o.Config = None,  # noqa: ARG001 - its callback acts on it
    debug: o.Debug = False,  # noqa: ARG001 - looked for where errors end
) -> int:
    """Plan the fix of one failed job and save the plan for approval. Changes nothing."""
    from remediator.cli import work
    from remediator.cli.connect import AzureOptions
    from remediator.cli.limiting import LimitOptions
    from remediator.cli.output import OutputOptions

    azure = AzureOptions(cloud, arm_endpoint, auth, tuple(api_version or ()))
    wanted = work.JobOptions(
        job_id=job_id,
        error_code=error_code,
        vault=vault,
        resource_group=resource_group,
        subscriptions=tuple(subscription or ()),
        playbooks=playbooks,
        allow=tuple(allow or ()),
        allow_data_loss=allow_data_loss,
        backup_service=backup_service_object_id,
        restore_point_limit=restore_point_limit,
    )
    within = LimitOptions(
        max_targets=max_targets,
        max_errors=max_errors,
        only_subscription=tuple(only_subscription or ()),
        only_resource_group=tuple(only_resource_group or ()),
        opt_out_tag=opt_out_tag,
        ignore_opt_out=ignore_opt_out,
        window=tuple(window or ()),
        attempts=attempts,
        cool_down=cool_down,
    )
    show = OutputOptions(format=format, output=output, detailed_exitcode=detailed_exitcode)
    return work.plan(azure, wanted, within, show, out, sign)


@app.command()
def show(
    file: Annotated[Path, typer.Argument(help="A plan that `remediate plan --out` saved.")],
    format: o.Format = "text",  # noqa: A002 - the flag's name
    output: o.Output = None,
    detailed_exitcode: o.DetailedExitCode = False,
    lang: o.Lang = None,  # noqa: ARG001 - its callback acts on it
    config: o.Config = None,  # noqa: ARG001 - its callback acts on it
    debug: o.Debug = False,  # noqa: ARG001 - looked for where errors end
) -> int:
    """Show a saved plan. Asks nobody, not even Azure."""
    from remediator.cli import work
    from remediator.cli.output import OutputOptions

    wanted = OutputOptions(format=format, output=output, detailed_exitcode=detailed_exitcode)
    return work.show(file, wanted)


@app.command()
def apply(
    file: Annotated[Path, typer.Argument(help="A plan that `remediate plan --out` saved.")],
    cloud: o.CloudName = None,
    arm_endpoint: o.ArmEndpoint = None,
    auth: o.Auth = "auto",
    api_version: o.ApiVersions = None,
    yes: o.Yes = False,
    playbooks: o.Playbooks = None,
    max_targets: o.MaxTargets = None,
    max_errors: o.MaxErrors = None,
    only_subscription: o.OnlySubscription = None,
    only_resource_group: o.OnlyResourceGroup = None,
    opt_out_tag: o.OptOutTag = None,
    ignore_opt_out: o.IgnoreOptOut = False,
    window: o.Windows = None,
    attempts: o.Attempts = 3,
    cool_down: o.CoolDown = 24.0,
    no_preflight: o.NoPreflight = False,
    verify: Annotated[
        list[Path] | None,
        typer.Option(
            "--verify",
            help="Apply only what this public key signed. Repeatable: any of them.",
            rich_help_panel=o.CONSENT,
        ),
    ] = None,
    require_signature: o.RequireSignature = False,
    enqueue: o.Enqueue = False,
    timeout: o.Timeout = "2h",
    poll_interval: o.PollInterval = 30.0,
    state: o.State = None,
    format: o.Format = "text",  # noqa: A002 - the flag's name
    output: o.Output = None,
    lang: o.Lang = None,  # noqa: ARG001 - its callback acts on it
    config: o.Config = None,  # noqa: ARG001 - its callback acts on it
    debug: o.Debug = False,  # noqa: ARG001 - looked for where errors end
) -> int:
    """Apply a saved plan exactly, or refuse it: altered, expired, stale."""
    from remediator.cli import work
    from remediator.cli.approval import SignatureOptions
    from remediator.cli.connect import AzureOptions
    from remediator.cli.limiting import LimitOptions
    from remediator.cli.output import OutputOptions

    azure = AzureOptions(cloud, arm_endpoint, auth, tuple(api_version or ()))
    how = work.ApplyOptions(
        timeout=timeout,
        poll_interval=poll_interval,
        state=state,
        yes=yes,
        playbooks=playbooks,
        signatures=SignatureOptions(keys=tuple(verify or ()), required=require_signature),
        enqueue=enqueue,
    )
    within = LimitOptions(
        max_targets=max_targets,
        max_errors=max_errors,
        only_subscription=tuple(only_subscription or ()),
        only_resource_group=tuple(only_resource_group or ()),
        opt_out_tag=opt_out_tag,
        ignore_opt_out=ignore_opt_out,
        window=tuple(window or ()),
        attempts=attempts,
        cool_down=cool_down,
        preflight=not no_preflight,
    )
    wanted = OutputOptions(format=format, output=output, detailed_exitcode=False)
    return work.apply(azure, file, how, within, wanted)


@app.command()
def check(
    vm: Annotated[str, typer.Option("--vm", help="A VM: its ARM id in any casing, or its name.")],
    subscription: Annotated[
        list[str] | None,
        typer.Option("--subscription", help="Where to look for a bare name. Repeatable."),
    ] = None,
    resource_group: Annotated[
        str | None, typer.Option("--resource-group", "-g", help="The VM's resource group.")
    ] = None,
    vault: Annotated[
        str | None,
        typer.Option("--vault", help="Which vault, where several hold it: its ARM id or name."),
    ] = None,
    backup_service_object_id: o.BackupService = None,
    cloud: o.CloudName = None,
    arm_endpoint: o.ArmEndpoint = None,
    auth: o.Auth = "auto",
    api_version: o.ApiVersions = None,
    format: o.Format = "text",  # noqa: A002 - the flag's name
    output: o.Output = None,
    lang: o.Lang = None,  # noqa: ARG001 - its callback acts on it
    config: o.Config = None,  # noqa: ARG001 - its callback acts on it
    debug: o.Debug = False,  # noqa: ARG001 - looked for where errors end
) -> int:
    """Look at everything that a VM's backup depends on. Changes nothing."""
    from remediator.cli import checking
    from remediator.cli.connect import AzureOptions
    from remediator.cli.output import OutputOptions

    azure = AzureOptions(cloud, arm_endpoint, auth, tuple(api_version or ()))
    wanted = OutputOptions(format=format, output=output, detailed_exitcode=False)
    which = checking.CheckOptions(
        vm=vm,
        vault=vault,
        resource_group=resource_group,
        subscriptions=tuple(subscription or ()),
        backup_service=backup_service_object_id,
    )
    return checking.check(azure, which, wanted)


@app.command()
def permissions(
    playbook: Annotated[
        str | None, typer.Option("--playbook", help="For the playbook of this code.")
    ] = None,
    plan: Annotated[
        Path | None, typer.Option("--plan", help="For a plan that was saved, and no more.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="For all playbooks.")] = False,
    subscription: Annotated[
        list[str] | None,
        typer.Option("--subscription", help="Where the role may be assigned. Repeatable."),
    ] = None,
    playbooks: o.Playbooks = None,
    output: o.Output = None,
    config: o.Config = None,  # noqa: ARG001 - its callback acts on it
    debug: o.Debug = False,  # noqa: ARG001 - looked for where errors end
) -> int:
    """Print the custom role that is needed, and no more, for `az role definition create`."""
    from remediator.cli import rights
    from remediator.cli.output import OutputOptions

    show = OutputOptions(format="json", output=output, detailed_exitcode=False)
    wanted = rights.RoleOptions(playbook, plan, every, playbooks, tuple(subscription or ()))
    return rights.role(wanted, show)


@app.command()
def doctor(
    job_id: Annotated[
        str | None, typer.Option("--job-id", help="A failed job: may its fix be applied?")
    ] = None,
    vm: Annotated[
        str | None, typer.Option("--vm", help="A VM: may all be done that any playbook does?")
    ] = None,
    vault: o.Vault = None,
    resource_group: o.ResourceGroup = None,
    subscription: o.Subscriptions = None,
    playbooks: o.Playbooks = None,
    cloud: o.CloudName = None,
    arm_endpoint: o.ArmEndpoint = None,
    auth: o.Auth = "auto",
    api_version: o.ApiVersions = None,
    format: o.Format = "text",  # noqa: A002 - the flag's name
    output: o.Output = None,
    lang: o.Lang = None,  # noqa: ARG001 - its callback acts on it
    config: o.Config = None,  # noqa: ARG001 - its callback acts on it
    debug: o.Debug = False,  # noqa: ARG001 - looked for where errors end
) -> int:
    """Say whether this identity may do what is needed. Changes nothing."""
    from remediator.cli import rights
    from remediator.cli.connect import AzureOptions
    from remediator.cli.output import OutputOptions

    azure = AzureOptions(cloud, arm_endpoint, auth, tuple(api_version or ()))
    show = OutputOptions(format=format, output=output, detailed_exitcode=False)
    wanted = rights.DoctorOptions(
        job_id=job_id,
        vm=vm,
        vault=vault,
        resource_group=resource_group,
        subscriptions=tuple(subscription or ()),
        playbooks=playbooks,
    )
    return rights.doctor(azure, wanted, show)


@app.command()
def explain(
    code_or_text: Annotated[
        list[str], typer.Argument(help="Codes, or the text of an error; - reads it from stdin.")
    ],
    playbooks: o.Playbooks = None,
    format: o.Format = "text",  # noqa: A002 - the flag's name
    output: o.Output = None,
    lang: o.Lang = None,  # noqa: ARG001 - its callback acts on it
    config: o.Config = None,  # noqa: ARG001 - its callback acts on it
    debug: o.Debug = False,  # noqa: ARG001 - looked for where errors end
) -> int:
    """Say what a code or an error text means and what would be done. Asks nobody."""
    from remediator.cli import offline
    from remediator.cli.output import OutputOptions

    wanted = OutputOptions(format=format, output=output, detailed_exitcode=False)
    return offline.explain(code_or_text, playbooks, wanted)


@app.command()
def actions(
    format: o.Format = "text",  # noqa: A002 - the flag's name
    output: o.Output = None,
    lang: o.Lang = None,  # noqa: ARG001 - its callback acts on it
    debug: o.Debug = False,  # noqa: ARG001 - looked for where errors end
) -> int:
    """List the actions that a playbook's steps may name."""
    from remediator.cli import offline
    from remediator.cli.output import OutputOptions

    wanted = OutputOptions(format=format, output=output, detailed_exitcode=False)
    return offline.actions(wanted)


@app.command()
def resume(
    run_id: Annotated[
        str | None, typer.Argument(help="A run; without it the only one that is unfinished.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every unfinished run.")] = False,
    cloud: o.CloudName = None,
    arm_endpoint: o.ArmEndpoint = None,
    auth: o.Auth = "auto",
    api_version: o.ApiVersions = None,
    yes: o.Yes = False,
    playbooks: o.Playbooks = None,
    timeout: o.Timeout = "2h",
    poll_interval: o.PollInterval = 30.0,
    state: o.State = None,
    format: o.Format = "text",  # noqa: A002 - the flag's name
    output: o.Output = None,
    lang: o.Lang = None,  # noqa: ARG001 - its callback acts on it
    config: o.Config = None,  # noqa: ARG001 - its callback acts on it
    debug: o.Debug = False,  # noqa: ARG001 - looked for where errors end
) -> int:
    """Finish a run that was interrupted: nothing that was done is done twice."""
    from remediator.cli import history, work
    from remediator.cli.connect import AzureOptions
    from remediator.cli.output import OutputOptions

    azure = AzureOptions(cloud, arm_endpoint, auth, tuple(api_version or ()))
    how = work.ApplyOptions(
        timeout=timeout, poll_interval=poll_interval, state=state, yes=yes, playbooks=playbooks
    )
    wanted = OutputOptions(format=format, output=output, detailed_exitcode=False)
    return history.resume(azure, run_id, how, wanted, every=every)


@app.command("restore-locks")
def restore_locks(
    run_id: Annotated[str, typer.Argument(help="A run, or the file of its record.")],
    cloud: o.CloudName = None,
    arm_endpoint: o.ArmEndpoint = None,
    auth: o.Auth = "auto",
    api_version: o.ApiVersions = None,
    every: Annotated[
        bool, typer.Option("--all", help="Also those that were left off on purpose.")
    ] = False,
    yes: o.Yes = False,
    timeout: o.Timeout = "10m",
    poll_interval: o.PollInterval = 10.0,
    state: o.State = None,
    config: o.Config = None,  # noqa: ARG001 - its callback acts on it
    debug: o.Debug = False,  # noqa: ARG001 - looked for where errors end
) -> int:
    """Put back by hand the locks that a run took off, from its record alone."""
    from remediator.cli import locks, work
    from remediator.cli.connect import AzureOptions

    azure = AzureOptions(cloud, arm_endpoint, auth, tuple(api_version or ()))
    how = work.ApplyOptions(
        timeout=timeout, poll_interval=poll_interval, state=state, yes=yes, playbooks=None
    )
    return locks.restore_locks(azure, run_id, how, every=every)


@app.command()
def worker(
    name: Annotated[
        str,
        typer.Option("--name", help="A stable name; its runs are taken up again under it."),
    ],
    state: o.State = None,
    at_a_time: Annotated[
        int, typer.Option("--parallelism", help="Runs at a time.", min=1, max=64)
    ] = 4,
    until_empty: Annotated[
        bool, typer.Option("--until-empty", help="End when the queue is empty.")
    ] = False,
    cloud: o.CloudName = None,
    arm_endpoint: o.ArmEndpoint = None,
    auth: o.Auth = "auto",
    api_version: o.ApiVersions = None,
    playbooks: o.Playbooks = None,
    timeout: o.Timeout = "2h",
    poll_interval: o.PollInterval = 30.0,
    config: o.Config = None,  # noqa: ARG001 - its callback acts on it
    debug: o.Debug = False,  # noqa: ARG001 - looked for where errors end
) -> int:
    """Work on the queue of approved plans, one of several processes on one PostgreSQL."""
    from remediator.cli import work
    from remediator.cli import worker as workers
    from remediator.cli.connect import AzureOptions

    azure = AzureOptions(cloud, arm_endpoint, auth, tuple(api_version or ()))
    how = work.ApplyOptions(
        timeout=timeout, poll_interval=poll_interval, state=state, yes=True, playbooks=playbooks
    )
    return workers.work_on_queue(azure, name, how, at_a_time=at_a_time, until_empty=until_empty)


runs_app = typer.Typer(help="The history of runs.", no_args_is_help=True)
app.add_typer(runs_app, name="runs")


@runs_app.command("list")
def runs_list(
    state: o.State = None,
    unfinished: Annotated[bool, typer.Option("--unfinished", help="Only those.")] = False,
    format: o.Format = "text",  # noqa: A002 - the flag's name
    output: o.Output = None,
    lang: o.Lang = None,  # noqa: ARG001 - its callback acts on it
    config: o.Config = None,  # noqa: ARG001 - its callback acts on it
    debug: o.Debug = False,  # noqa: ARG001 - looked for where errors end
) -> int:
    """All runs, the newest first."""
    from remediator.cli import history
    from remediator.cli.output import OutputOptions

    wanted = OutputOptions(format=format, output=output, detailed_exitcode=False)
    return history.list_runs(state, wanted, unfinished=unfinished)


@runs_app.command("show")
def runs_show(
    run_id: Annotated[str, typer.Argument(help="A run.")],
    state: o.State = None,
    format: o.Format = "text",  # noqa: A002 - the flag's name
    output: o.Output = None,
    lang: o.Lang = None,  # noqa: ARG001 - its callback acts on it
    config: o.Config = None,  # noqa: ARG001 - its callback acts on it
    debug: o.Debug = False,  # noqa: ARG001 - looked for where errors end
) -> int:
    """The whole story of a run."""
    from remediator.cli import history
    from remediator.cli.output import OutputOptions

    wanted = OutputOptions(format=format, output=output, detailed_exitcode=False)
    return history.show_run(state, run_id, wanted)


@runs_app.command("prune")
def runs_prune(
    days: Annotated[
        float, typer.Option("--older-than", help="Days since they ended.", min=0)
    ] = 90.0,
    yes: o.Yes = False,
    state: o.State = None,
    config: o.Config = None,  # noqa: ARG001 - its callback acts on it
    debug: o.Debug = False,  # noqa: ARG001 - looked for where errors end
) -> int:
    """Forget runs that ended long ago. Unfinished ones are kept, and every record."""
    from remediator.cli import history

    return history.prune(state, days, yes=yes)


@app.command()
def schema(
    what: Annotated[
        Literal["plan", "report", "playbook", "check"], typer.Argument(help="Whose JSON Schema.")
    ] = "plan",
) -> int:
    """Print the JSON Schema of what `remediate` reads or writes."""
    from remediator.cli.schemas import text

    typer.echo(text(what), nl=False)
    return 0


@app.command()
def simulator(
    scenario: Annotated[
        str, typer.Option("--scenario", help="A scenario's name, or a file.")
    ] = "demo",
    port: Annotated[int, typer.Option("--port", help="0 takes a free one.", min=0)] = 8080,
    https: Annotated[bool, typer.Option("--https", help="With a CA of its own.")] = False,
    time: Annotated[
        Literal["real", "fast", "stepped"], typer.Option("--time", help="How its clock runs.")
    ] = "fast",
    speed: Annotated[float, typer.Option("--speed", help="Of fast time.", min=1)] = 60.0,
) -> int:
    """Run a local Azure Resource Manager to try things on. Ctrl-C ends it."""
    from remediator.simulator.__main__ import main as serve

    arguments = ["--scenario", scenario, "--port", str(port), "--time", time, "--speed", str(speed)]
    return serve([*arguments, *(["--https"] if https else [])])


@app.command()
def demo() -> int:
    """A tour on the local Azure: three failed backups diagnosed, fixed and proved. No account."""
    from remediator.cli.demo import tour

    return tour()
