"""Options for a recording and its file."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from remediator.cli.options import OUTPUT, BackupService, Playbooks

if TYPE_CHECKING:
    from remediator.inspect.locate import Scope


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RecordOptions:
    """Which job or VM to record, and into which file."""

    job_id: Annotated[
        str | None,
        typer.Option(
            "--job-id",
            help="A VM's job in any state: its ARM id, its bare name, or what names just this job.",
        ),
    ] = None
    vm: Annotated[
        str | None,
        typer.Option("--vm", help="Or a VM: its ARM id in any casing, or its name."),
    ] = None
    file: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="The file, by default remediate-record-TIME.jsonl in this folder.",
            rich_help_panel=OUTPUT,
        ),
    ] = None
    force: Annotated[
        bool,
        typer.Option("--force", help="Replace a file that is there.", rich_help_panel=OUTPUT),
    ] = False
    subscriptions: Annotated[
        tuple[str, ...],
        typer.Option("--subscription", help="Where to look for a bare name. Repeatable."),
    ] = ()
    resource_group: Annotated[
        str | None,
        typer.Option("--resource-group", "-g", help="The group of the job's vault, or of the VM."),
    ] = None
    vault: Annotated[
        str | None,
        typer.Option("--vault", help="The vault of the job or of the VM: its ARM id or name."),
    ] = None
    playbooks: Playbooks = None
    backup_service: BackupService = None

    @property
    def scope(self) -> "Scope":
        """Where to look for the job or the VM."""
        from remediator.inspect.locate import Scope

        return Scope(
            subscriptions=self.subscriptions,
            resource_group=self.resource_group,
            vault=self.vault,
        )
