"""A history as HTML: one file to open in a browser, to mail and to print."""

from remediator.report.history import History
from remediator.views.html.document import document
from remediator.views.html.history_page import history_page


def history_html(history: History) -> str:
    """The history as HTML."""
    return document(history_page(history))
