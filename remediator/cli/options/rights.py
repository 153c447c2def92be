"""Options for the permissions to ask about."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from remediator.cli import completing
from remediator.cli.options import Playbooks, ResourceGroup, Subscriptions, Vault

if TYPE_CHECKING:
    from remediator.inspect.locate import Scope


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RoleOptions:
    """What the role is for."""

    playbook: Annotated[
        str | None,
        typer.Option(
            "--playbook", help="For the playbook of this code.", autocompletion=completing.playbooks
        ),
    ] = None
    plan: Annotated[Path | None, typer.Option("--plan", help="Only for this saved plan.")] = None
    every: Annotated[bool, typer.Option("--all", help="For all playbooks.")] = False
    subscriptions: Annotated[
        tuple[str, ...],
        typer.Option("--subscription", help="Where the role may be assigned. Repeatable."),
    ] = ()
    playbooks: Playbooks = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DoctorOptions:
    """The job or VM that this identity must be able to treat."""

    job_id: Annotated[
        str | None, typer.Option("--job-id", help="A failed job: may its fix be applied?")
    ] = None
    vm: Annotated[
        str | None, typer.Option("--vm", help="A VM: may all be done that any playbook does?")
    ] = None
    vault: Vault = None
    resource_group: ResourceGroup = None
    subscriptions: Subscriptions = ()
    playbooks: Playbooks = None

    @property
    def scope(self) -> "Scope":
        """Where to look for the job or the VM."""
        from remediator.inspect.locate import Scope

        return Scope(
            subscriptions=self.subscriptions, resource_group=self.resource_group, vault=self.vault
        )
