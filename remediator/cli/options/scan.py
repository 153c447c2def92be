"""Options of `remediate scan`: where to look, for what, and what to do with the plans."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from remediator.cli import completing
from remediator.cli.options import CONSENT, LIMITS, OUTPUT
from remediator.cli.options.output import OutputOptions


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ScopeOptions:
    """Where to look, and for what."""

    subscriptions: Annotated[
        tuple[str, ...],
        typer.Option(
            "--subscription", help="A subscription: its id or name. Default: all. Repeatable."
        ),
    ] = ()
    management_groups: Annotated[
        tuple[str, ...],
        typer.Option("--management-group", help="All subscriptions below it. Repeatable."),
    ] = ()
    since: Annotated[
        str, typer.Option("--since", help="How far back a failed backup counts: 12h, 7d.")
    ] = "24h"
    vaults: Annotated[
        tuple[str, ...],
        typer.Option("--vault", help="Only this vault: its ARM id or name. Repeatable."),
    ] = ()
    groups: Annotated[
        tuple[str, ...],
        typer.Option(
            "--resource-group",
            "-g",
            help="Only VMs or vaults of this resource group. Repeatable.",
        ),
    ] = ()
    vms: Annotated[
        tuple[str, ...],
        typer.Option("--vm", help="Only this VM: its ARM id or name. Repeatable."),
    ] = ()
    codes: Annotated[
        tuple[str, ...],
        typer.Option(
            "--code",
            help="Only failures of this code or number. Repeatable.",
            autocompletion=completing.codes,
        ),
    ] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DeedOptions:
    """What is done with the plans."""

    apply: Annotated[
        bool,
        typer.Option(
            "--apply", help="Apply the plans, after a question or --yes.", rich_help_panel=CONSENT
        ),
    ] = False
    max_percent: Annotated[
        int | None,
        typer.Option(
            "--max-percent",
            help="Change at most this share of the protected VMs in scope.",
            min=0,
            max=100,
            rich_help_panel=LIMITS,
        ),
    ] = None
    out_plans: Annotated[
        Path | None,
        typer.Option(
            "--out-plans",
            help="Save each plan with changes in this folder, for `remediate apply DIR/*.json`.",
            rich_help_panel=OUTPUT,
        ),
    ] = None
    sign: Annotated[
        Path | None,
        typer.Option("--sign", help="Sign the saved plans with this key.", rich_help_panel=OUTPUT),
    ] = None
    since_scan: Annotated[
        Path | None,
        typer.Option(
            "--since-scan",
            help="Compare with an earlier scan's JSON: new, still, gone.",
            rich_help_panel=OUTPUT,
        ),
    ] = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ScanOutputOptions(OutputOptions):
    """The forms of a scan's output and their places.

    In ndjson there is a line for each VM, as soon as it is known, and a last line with the numbers.
    """

    FORMS: ClassVar[tuple[str, ...]] = (*OutputOptions.FORMS, "ndjson")

    details: Annotated[
        bool,
        typer.Option(
            "--details",
            help="Each VM with its job, its reason, its next command, its evidence and changes.",
            rich_help_panel=OUTPUT,
        ),
    ] = False
    detailed_exitcode: Annotated[
        bool,
        typer.Option(
            "--detailed-exitcode", help="Exit 2 when changes are pending.", rich_help_panel=OUTPUT
        ),
    ] = False
