"""The options of the commands, each written once: the shared ones here, the groups beside it.

A group is a frozen dataclass that a command takes whole (`remediator.cli.grouped`). All groups are
loaded to show a `--help`. So they import nothing that does the work. They also have no `==` and no
`repr`: nobody needs them, and dataclasses would take milliseconds to make them.
"""

from pathlib import Path
from typing import Annotated, Final

import typer

from remediator.language import marked

AZURE: Final = marked("Azure")
CONSENT: Final = marked("Consent")
LIMITS: Final = marked("Limits")
WAITING: Final = marked("Waiting")
OUTPUT: Final = marked("Output")
PANELS: Final = (None, AZURE, CONSENT, LIMITS, WAITING, OUTPUT)
"""The panels of a `--help`, in their order. None is the panel without a heading."""

Vault = Annotated[
    str | None,
    typer.Option("--vault", help="The vault of a bare job name: its ARM id or name."),
]
ResourceGroup = Annotated[
    str | None, typer.Option("--resource-group", "-g", help="The vault's resource group.")
]
Subscriptions = Annotated[
    tuple[str, ...],
    typer.Option("--subscription", help="Where to look for a bare job name. Repeatable."),
]
Playbooks = Annotated[
    Path | None, typer.Option("--playbooks", help="A folder with playbooks of your own.")
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
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="Apply without asking.", rich_help_panel=CONSENT)
]
Enqueue = Annotated[
    bool,
    typer.Option(
        "--enqueue",
        help="Queue the run for `remediate worker`; needs PostgreSQL as --state.",
        rich_help_panel=CONSENT,
    ),
]
AtATime = Annotated[
    int,
    typer.Option(
        "--parallelism",
        help="VMs that are changed at a time.",
        min=1,
        max=64,
        rich_help_panel=LIMITS,
    ),
]
Timeout = Annotated[
    str,
    typer.Option("--timeout", help="Time limit of one run: 90s, 45m, 3h.", rich_help_panel=WAITING),
]
PollInterval = Annotated[
    float,
    typer.Option(
        "--poll-interval",
        help="Seconds between two looks at Azure. Azure's Retry-After has priority.",
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
