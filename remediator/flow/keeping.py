"""Keeping finished scans, so that the history can tell of them later."""

from remediator.errors import StateError
from remediator.flow.events import Note
from remediator.flow.ports import Listener
from remediator.record.scans import keep_scan
from remediator.record.state import State
from remediator.report.estate import Estate, pieces_of


def keep(listener: Listener, state: State, estate: Estate) -> None:
    """Keep a scan beside the records of runs. If it cannot be kept, a note says so.

    An interrupted scan is not kept: it may miss VMs, and would tell nothing reliable of them.
    """
    if estate.interrupted:
        return
    try:
        keep_scan(state.folder, estate.ended, pieces_of(estate))
    except StateError as error:
        listener.hear(Note(f"{error}; remediate history will not tell of this scan"))
