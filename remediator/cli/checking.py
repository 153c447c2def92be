"""`remediate check`: one VM's backup health."""

from typing import TYPE_CHECKING

from remediator.checkup import Checkup, check_up, parse_vm
from remediator.cli import Exit
from remediator.cli.connect import AzureOptions, with_session
from remediator.cli.output import OutputOptions, start_output, stdout
from remediator.json_text import json_text
from remediator.views.checkup_text import show_checkup

if TYPE_CHECKING:
    from remediator.azure.session import Session


def check(azure: AzureOptions, vm: str, show: OutputOptions) -> int:
    """Ask every check and show what it found."""
    wanted = parse_vm(vm)
    start_output(show)

    async def go(session: "Session") -> int:
        found = await check_up(session.reader, wanted)
        _print(found, show)
        return Exit.UNFIXED if found.failing else Exit.OK

    return with_session(azure, go)


def _print(found: Checkup, show: OutputOptions) -> None:
    with stdout(show) as console:
        if show.format == "json":
            console.out(json_text(found), end="", highlight=False)
        else:
            show_checkup(console, found)
