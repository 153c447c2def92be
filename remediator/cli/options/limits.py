"""Options for how far a command may go."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from remediator.cli.options import LIMITS

if TYPE_CHECKING:
    from remediator.guards.limits import Limits


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LimitOptions:
    """How far the command may go."""

    max_targets: Annotated[
        int | None,
        typer.Option(
            "--max-targets",
            help="Change at most this many VMs with one command; 0: none.",
            min=0,
            rich_help_panel=LIMITS,
        ),
    ] = None
    max_errors: Annotated[
        int | None,
        typer.Option(
            "--max-errors",
            help="Stop when more VMs than this were not fixed.",
            min=0,
            rich_help_panel=LIMITS,
        ),
    ] = None
    only_subscription: Annotated[
        tuple[str, ...],
        typer.Option(
            "--only-subscription",
            help="Change nothing outside this subscription. Repeatable.",
            rich_help_panel=LIMITS,
        ),
    ] = ()
    only_resource_group: Annotated[
        tuple[str, ...],
        typer.Option(
            "--only-resource-group",
            help=(
                "Change nothing outside this group (name or ARM id). If the VM is inside, Azure "
                "Backup's own group is allowed too. A change of the vault needs the vault's "
                "group. Repeatable."
            ),
            rich_help_panel=LIMITS,
        ),
    ] = ()
    opt_out_tag: Annotated[
        str | None,
        typer.Option(
            "--opt-out-tag",
            help=(
                "The tag on VM, group or subscription that forbids changes, as NAME or "
                "NAME=VALUE. Default: remediate=off."
            ),
            rich_help_panel=LIMITS,
        ),
    ] = None
    ignore_opt_out: Annotated[
        bool,
        typer.Option(
            "--ignore-opt-out",
            help="Do not look for the tag that forbids changes.",
            rich_help_panel=LIMITS,
        ),
    ] = False
    window: Annotated[
        tuple[str, ...],
        typer.Option(
            "--window",
            help=(
                "When changes may be made that are more than reversible: "
                "'Sat 22:00-04:00 Europe/Berlin'. Repeatable."
            ),
            rich_help_panel=LIMITS,
        ),
    ] = ()
    attempts: Annotated[
        int,
        typer.Option(
            "--attempts",
            help=(
                "How many attempts may have failed with the same code since the VM's last success."
            ),
            min=0,
            rich_help_panel=LIMITS,
        ),
    ] = 3
    cool_down: Annotated[
        float,
        typer.Option(
            "--cool-down",
            help="How many hours to wait after the last of these attempts.",
            min=0,
            rich_help_panel=LIMITS,
        ),
    ] = 24.0

    def limits(self) -> "Limits":
        """The limits that are part of a plan.

        Raises:
            BadInputError: one of the limits cannot be understood.
        """
        from remediator.guards.limits import Limits

        return Limits.told(
            max_targets=self.max_targets,
            max_errors=self.max_errors,
            only_subscription=self.only_subscription,
            only_resource_group=self.only_resource_group,
            opt_out_tag=self.opt_out_tag,
            ignore_opt_out=self.ignore_opt_out,
            window=self.window,
            attempts=self.attempts,
            cool_down=self.cool_down,
        )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GateOptions(LimitOptions):
    """How far a command that applies may go."""

    no_preflight: Annotated[
        bool,
        typer.Option(
            "--no-preflight",
            help="Do not check first whether this identity may do all that is planned.",
            rich_help_panel=LIMITS,
        ),
    ] = False
