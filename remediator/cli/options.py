"""The options that commands share, each said once."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from remediator.cli.config import use_config
from remediator.cli.tongue import use_language

AZURE = "Azure"
CONSENT = "Consent"
LIMITS = "Limits"
WAITING = "Waiting"
OUTPUT = "Output"

JobId = Annotated[
    str,
    typer.Option("--job-id", help="A failed job: its ARM id in any casing, or its bare name."),
]
ErrorCode = Annotated[
    str | None, typer.Option("--error-code", help="Take this code instead of classifying the job.")
]
Playbooks = Annotated[
    Path | None, typer.Option("--playbooks", help="A folder with playbooks of your own.")
]
Vault = Annotated[
    str | None,
    typer.Option("--vault", help="The vault of a bare job name: its ARM id or name."),
]
ResourceGroup = Annotated[
    str | None, typer.Option("--resource-group", "-g", help="The vault's resource group.")
]
Subscriptions = Annotated[
    list[str] | None,
    typer.Option("--subscription", help="Where to look for a bare job name. Repeatable."),
]
CloudName = Annotated[
    str | None,
    typer.Option(
        "--cloud", help="public, china or usgov.", envvar="REMEDIATE_CLOUD", rich_help_panel=AZURE
    ),
]
ArmEndpoint = Annotated[
    str | None,
    typer.Option(
        "--arm-endpoint",
        help="Any endpoint that speaks ARM, instead of a cloud.",
        envvar="REMEDIATE_ARM_ENDPOINT",
        rich_help_panel=AZURE,
    ),
]
Auth = Annotated[
    str,
    typer.Option(
        "--auth",
        help="auto, cli, env, workload, managed or token (AZURE_ACCESS_TOKEN).",
        envvar="REMEDIATE_AUTH",
        rich_help_panel=AZURE,
    ),
]
ApiVersions = Annotated[
    list[str] | None,
    typer.Option(
        "--api-version",
        help="PROVIDER=VERSION, where a cloud lags behind. Repeatable.",
        rich_help_panel=AZURE,
    ),
]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        help="Apply changes of this impact too: downtime, cost, protection, security, guest, "
        "destructive. Repeatable.",
        rich_help_panel=CONSENT,
    ),
]
AllowDataLoss = Annotated[
    bool,
    typer.Option(
        "--allow-data-loss",
        help="Let restore points go that exist nowhere else.",
        rich_help_panel=CONSENT,
    ),
]
BackupService = Annotated[
    str | None,
    typer.Option(
        "--backup-service-object-id",
        help="Object id of the Backup Management Service in your tenant, for key vaults.",
        envvar="REMEDIATE_BACKUP_SERVICE_OBJECT_ID",
        rich_help_panel=AZURE,
    ),
]
RestorePointLimit = Annotated[
    int | None,
    typer.Option(
        "--restore-point-limit",
        help="Instant restore points that one VM may have, where the error does not say it.",
        min=2,
        rich_help_panel=AZURE,
    ),
]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Stop after the plan. Never asks.", rich_help_panel=CONSENT),
]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="Apply without asking.", rich_help_panel=CONSENT)
]
MaxTargets = Annotated[
    int | None,
    typer.Option(
        "--max-targets",
        help="Change no more VMs than this with one command; 0: none.",
        min=0,
        rich_help_panel=LIMITS,
    ),
]
MaxErrors = Annotated[
    int | None,
    typer.Option(
        "--max-errors",
        help="Stop when more VMs than this were not fixed.",
        min=0,
        rich_help_panel=LIMITS,
    ),
]
OnlySubscription = Annotated[
    list[str] | None,
    typer.Option(
        "--only-subscription",
        help="Change nothing outside this subscription. Repeatable.",
        rich_help_panel=LIMITS,
    ),
]
OnlyResourceGroup = Annotated[
    list[str] | None,
    typer.Option(
        "--only-resource-group",
        help="Change nothing outside this group (name or ARM id) and, where the VM is inside, "
        "Azure Backup's own. The vault's counts too. Repeatable.",
        rich_help_panel=LIMITS,
    ),
]
OptOutTag = Annotated[
    str | None,
    typer.Option(
        "--opt-out-tag",
        help="NAME or NAME=VALUE of the tag on VM, group or subscription that forbids changes; "
        "else remediate=off.",
        rich_help_panel=LIMITS,
    ),
]
IgnoreOptOut = Annotated[
    bool,
    typer.Option(
        "--ignore-opt-out", help="Look for no tag that forbids changes.", rich_help_panel=LIMITS
    ),
]
Windows = Annotated[
    list[str] | None,
    typer.Option(
        "--window",
        help="When more than reversible changes may be made: 'Sat 22:00-04:00 Europe/Berlin'. "
        "Repeatable.",
        rich_help_panel=LIMITS,
    ),
]
Attempts = Annotated[
    int,
    typer.Option(
        "--attempts",
        help="Attempts that may have failed with one code since a VM's last success.",
        min=0,
        rich_help_panel=LIMITS,
    ),
]
CoolDown = Annotated[
    float,
    typer.Option(
        "--cool-down", help="Hours of rest after the last of these.", min=0, rich_help_panel=LIMITS
    ),
]
NoPreflight = Annotated[
    bool,
    typer.Option(
        "--no-preflight",
        help="Do not look first whether this identity may do all that is planned.",
        rich_help_panel=LIMITS,
    ),
]
RequireSignature = Annotated[
    bool,
    typer.Option(
        "--require-signature",
        help="Apply nothing but a saved plan whose signature --verify confirms.",
        rich_help_panel=CONSENT,
    ),
]
Enqueue = Annotated[
    bool,
    typer.Option(
        "--enqueue",
        help="Leave the applying to `remediate worker`; needs a PostgreSQL as --state.",
        rich_help_panel=CONSENT,
    ),
]
Timeout = Annotated[
    str,
    typer.Option("--timeout", help="For the whole: 90s, 45m, 3h.", rich_help_panel=WAITING),
]
PollInterval = Annotated[
    float,
    typer.Option(
        "--poll-interval",
        help="Seconds between looks; Azure's Retry-After wins.",
        envvar="REMEDIATE_POLL_INTERVAL",
        min=0.01,
        rich_help_panel=WAITING,
    ),
]
State = Annotated[
    str | None,
    typer.Option(
        "--state",
        help="Where runs are kept: a folder, sqlite:///FILE or postgresql://… to share.",
        envvar="REMEDIATE_STATE",
        rich_help_panel=OUTPUT,
    ),
]
Format = Annotated[
    Literal["text", "json"], typer.Option("--format", help="On stdout.", rich_help_panel=OUTPUT)
]
Output = Annotated[
    Path | None,
    typer.Option("--output", help="A file instead of stdout.", rich_help_panel=OUTPUT),
]
DetailedExitCode = Annotated[
    bool,
    typer.Option(
        "--detailed-exitcode", help="Exit 2 when changes are pending.", rich_help_panel=OUTPUT
    ),
]
Lang = Annotated[
    Literal["en", "zh-CN", "zh-TW"] | None,
    typer.Option(
        "--lang",
        help="The language of what is shown; else the locale's.",
        envvar="REMEDIATE_LANG",
        callback=use_language,
        rich_help_panel=OUTPUT,
    ),
]
Debug = Annotated[
    bool,
    typer.Option("--debug", help="Show where an error came from.", rich_help_panel=OUTPUT),
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="Read options from this file; ./remediate.toml is read when it is there.",
        is_eager=True,
        callback=use_config,
        rich_help_panel=OUTPUT,
    ),
]
