"""`remediate check`: one VM's backup health."""

from typing import TYPE_CHECKING

from remediator.cli import Exit
from remediator.cli.connect import with_session
from remediator.cli.masking import masked
from remediator.cli.options.azure import AzureOptions
from remediator.cli.options.output import OutputOptions
from remediator.cli.options.vm import CheckOptions
from remediator.cli.output import put, start_output
from remediator.cli.screen import Screen
from remediator.facts.settings import Settings
from remediator.inspect.locate_vm import locate_vm
from remediator.json_text import json_text
from remediator.language import _
from remediator.plan.checkup import Checkup, check_up
from remediator.views.checkup_text import show_checkup

if TYPE_CHECKING:
    from remediator.azure.session import Session


def check(azure: AzureOptions, wanted: CheckOptions, show: OutputOptions) -> int:
    """Run every check and show the findings."""
    start_output(show)

    async def go(session: "Session") -> int:
        settings = Settings.told(wanted.backup_service, session.cloud.backup_app_id, None)
        vm = await locate_vm(session.reader, wanted.vm, wanted.scope)
        found = await check_up(session.reader, vm, settings, wanted.vault)
        screen.read()
        _print(found, show)
        return Exit.UNFIXED if found.failing else Exit.OK

    with Screen(show) as screen:
        screen.reading(_("reading the VM and what its backup depends on"))
        return with_session(azure, go)


def _print(found: Checkup, show: OutputOptions) -> None:
    found = masked(found)
    put(show, lambda console: show_checkup(console, found), {"json": lambda: json_text(found)})
