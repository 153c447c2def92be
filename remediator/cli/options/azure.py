"""Options for the cloud and the sign-in."""

from dataclasses import dataclass
from typing import Annotated

import typer

from remediator.cli.completing import CLOUDS, MODES, words
from remediator.cli.options import AZURE


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AzureOptions:
    """The cloud and the sign-in."""

    cloud: Annotated[
        str | None,
        typer.Option(
            "--cloud",
            help="public, china or usgov.",
            autocompletion=words(*CLOUDS),
            envvar="REMEDIATE_CLOUD",
            rich_help_panel=AZURE,
        ),
    ] = None
    arm_endpoint: Annotated[
        str | None,
        typer.Option(
            "--arm-endpoint",
            help="Any endpoint that speaks ARM, instead of a cloud.",
            envvar="REMEDIATE_ARM_ENDPOINT",
            rich_help_panel=AZURE,
        ),
    ] = None
    auth: Annotated[
        str,
        typer.Option(
            "--auth",
            help="auto, cli, env, workload, managed or token (AZURE_ACCESS_TOKEN).",
            autocompletion=words(*MODES),
            envvar="REMEDIATE_AUTH",
            rich_help_panel=AZURE,
        ),
    ] = "auto"
    api_versions: Annotated[
        tuple[str, ...],
        typer.Option(
            "--api-version",
            help="API version PROVIDER=YYYY-MM-DD, if a cloud lags behind. Repeatable.",
            rich_help_panel=AZURE,
        ),
    ] = ()
