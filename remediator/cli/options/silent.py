"""Options that act by themselves. Commands have them but do not get their values."""

from inspect import Parameter
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from remediator.cli.config import use_config
from remediator.cli.loudness import use_quiet, use_verbose
from remediator.cli.masking import use_mask
from remediator.cli.options import OUTPUT
from remediator.cli.tongue import use_language

LANG: Final = Parameter(
    "lang",
    Parameter.KEYWORD_ONLY,
    default=None,
    annotation=Annotated[
        Literal["en", "zh-CN", "zh-TW"] | None,
        typer.Option(
            "--lang",
            help="The language of the output. Default: the locale's.",
            envvar="REMEDIATE_LANG",
            callback=use_language,
            rich_help_panel=OUTPUT,
        ),
    ],
)
CONFIG: Final = Parameter(
    "config",
    Parameter.KEYWORD_ONLY,
    default=None,
    annotation=Annotated[
        Path | None,
        typer.Option(
            "--config",
            help="Read options from this file; ./remediate.toml is read when it is there.",
            is_eager=True,
            callback=use_config,
            rich_help_panel=OUTPUT,
        ),
    ],
)
QUIET: Final = Parameter(
    "quiet",
    Parameter.KEYWORD_ONLY,
    default=False,
    annotation=Annotated[
        bool,
        typer.Option(
            "--quiet",
            help="Only data, questions, warnings and errors: no progress, no passing notes.",
            callback=use_quiet,
            rich_help_panel=OUTPUT,
        ),
    ],
)
VERBOSE: Final = Parameter(
    "verbose",
    Parameter.KEYWORD_ONLY,
    default=False,
    annotation=Annotated[
        bool,
        typer.Option(
            "--verbose",
            help="Tell each request to Azure on stderr: its path, status, time, correlation id.",
            callback=use_verbose,
            rich_help_panel=OUTPUT,
        ),
    ],
)
MASK: Final = Parameter(
    "mask",
    Parameter.KEYWORD_ONLY,
    default=False,
    annotation=Annotated[
        bool,
        typer.Option(
            "--mask",
            help="Show stable pseudonyms (vm-1, vault-1) instead of names, ids and addresses. "
            "What is done, and a saved plan, are not masked.",
            callback=use_mask,
            rich_help_panel=OUTPUT,
        ),
    ],
)
DEBUG: Final = Parameter(
    "debug",
    Parameter.KEYWORD_ONLY,
    default=False,
    annotation=Annotated[
        bool,
        typer.Option("--debug", help="Show where an error came from.", rich_help_panel=OUTPUT),
    ],
)
"""The code that ends errors looks for this flag."""
