"""A summary as HTML: one file to open in a browser, to mail and to print."""

from remediator.report.summary import Summary
from remediator.views.html.document import document
from remediator.views.html.summary_page import Record, summary_page


def summary_html(summary: Summary, record: Record) -> str:
    """The summary as HTML.

    Args:
        summary: the rows.
        record: the entries of the runs, by the ids of the runs. The page has a timeline of them.
    """
    return document(summary_page(summary, record))
