"""Failed jobs in a table."""

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from remediator.job.failure import Failure, classify
from remediator.job.job import Job
from remediator.language import _
from remediator.playbook.catalogue import Catalogue
from remediator.views.plain import plain


def failed_jobs_table(jobs: Iterable[Job], catalogue: Catalogue) -> Table:
    """One row per job: its VM, its code, and its playbook if there is one."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("VM", no_wrap=True)
    table.add_column(_("failed with"), style="red", overflow="fold")
    table.add_column(_("at (UTC)"), no_wrap=True)
    table.add_column(_("playbook"), overflow="fold")
    for job in jobs:
        failure = classify(job, catalogue)
        playbook = catalogue.find(failure.code) if failure.known else None
        at = job.end or job.start
        table.add_row(
            Text(plain(job.vm_name), style="bold"),
            Text(plain(failure.code or _none(failure))),
            Text(f"{at:%d %b %H:%M}" if at else ""),
            Text(_(playbook.title)) if playbook else Text(_("none: for a human"), style="dim"),
        )
    return table


def _none(failure: Failure) -> str:
    either = " " + _("or") + " "
    return either.join(one.code for one in failure.candidates) or _("no error code")
