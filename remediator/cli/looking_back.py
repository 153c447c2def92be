"""The work of `remediate history`: options to the flow, its result to a view and an exit code."""

from datetime import UTC, datetime

from remediator.cli import Exit, lists
from remediator.cli.masking import masked
from remediator.cli.options.history import HistoryOptions, HistoryOutputOptions
from remediator.cli.output import put, say, start_output
from remediator.cli.state import state_of
from remediator.cli.terms import back
from remediator.engine.engines import DbosEngines
from remediator.flow.history import Asked, look_back
from remediator.json_text import json_text
from remediator.playbook.catalogue import read_catalogue
from remediator.report.history import History, Selection


def history(wanted: HistoryOptions, state: str | None, show: HistoryOutputOptions) -> int:
    """Show what stored runs and scans tell of a period.

    Raises:
        BadInputError: an option cannot be used.
    """
    from remediator.views.history_csv import history_csv
    from remediator.views.history_text import show_history

    asked, where = _asked(wanted), state_of(state)
    start_output(show)
    found = masked(look_back(DbosEngines(), where, asked, read_catalogue()))
    for line in found.unread:
        say(line)
    put(
        show,
        lambda console: show_history(console, found),
        {
            "json": lambda: json_text(found),
            "html": lambda: _html(found),
            "csv": lambda: history_csv(found),
            "tsv": lambda: lists.tsv(lists.history(found)),
        },
    )
    return Exit.ERROR if found.unread else Exit.OK


def _html(found: History) -> str:
    from remediator.views.history_html import history_html  # only a page needs what it imports

    return history_html(found)


def _asked(wanted: HistoryOptions) -> Asked:
    now = datetime.now(UTC)
    since = now - back(wanted.since, "--since")
    selection = Selection(
        vms=wanted.vms,
        codes=wanted.codes,
        vaults=wanted.vaults,
        subscriptions=wanted.subscriptions,
    )
    return Asked(since, now, selection, wanted.by)
