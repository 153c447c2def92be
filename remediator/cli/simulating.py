"""`remediate simulator`: the local Azure, in the foreground."""

from typing import Annotated, Literal

import typer

from remediator.cli import completing
from remediator.errors import BadInputError, did_you_mean


def simulator(
    scenario: Annotated[
        str,
        typer.Option(
            "--scenario",
            help="A scenario's name, or a file.",
            autocompletion=completing.scenarios,
        ),
    ] = "demo",
    port: Annotated[
        int, typer.Option("--port", help="The port; 0 takes a free one.", min=0, max=65535)
    ] = 8080,
    https: Annotated[
        bool, typer.Option("--https", help="Serve https, with a CA of its own.")
    ] = False,
    time: Annotated[
        Literal["real", "fast", "stepped"], typer.Option("--time", help="How its clock runs.")
    ] = "fast",
    speed: Annotated[
        float, typer.Option("--speed", help="How many times faster fast time runs.", min=1)
    ] = 60.0,
) -> int:
    """Run a local Azure Resource Manager to try things on. Ctrl-C ends it."""
    from remediator.simulator.__main__ import main as serve

    _check(scenario)
    arguments = ["--scenario", scenario, "--port", str(port), "--time", time, "--speed", str(speed)]
    return serve([*arguments, *(["--https"] if https else [])])


def _check(scenario: str) -> None:
    """Check the name of a scenario. A file is checked when it is read.

    Raises:
        BadInputError: no scenario has this name.
    """
    from remediator.simulator.scenario.load import names

    known = names()
    if scenario not in known and not scenario.endswith((".yaml", ".yml")):
        near = did_you_mean(scenario, known)
        raise BadInputError(f"no scenario {scenario!r}; there are {', '.join(known)}{near}")
