"""Options for the VM to check."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from remediator.cli.options import BackupService

if TYPE_CHECKING:
    from remediator.inspect.locate import Scope


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CheckOptions:
    """Which VM to check, and values about it that Azure does not tell."""

    vm: Annotated[str, typer.Option("--vm", help="A VM: its ARM id in any casing, or its name.")]
    subscriptions: Annotated[
        tuple[str, ...],
        typer.Option("--subscription", help="Where to look for a bare name. Repeatable."),
    ] = ()
    resource_group: Annotated[
        str | None, typer.Option("--resource-group", "-g", help="The VM's resource group.")
    ] = None
    vault: Annotated[
        str | None,
        typer.Option("--vault", help="The vault, if several protect the VM: its ARM id or name."),
    ] = None
    backup_service: BackupService = None

    @property
    def scope(self) -> "Scope":
        """Where to look for the VM."""
        from remediator.inspect.locate import Scope

        return Scope(
            subscriptions=self.subscriptions,
            resource_group=self.resource_group,
            vault=self.vault,
        )
