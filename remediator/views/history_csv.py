"""A history as CSV: a line of headings, then a record for each VM and code, as RFC 4180 says."""

import csv
from io import StringIO
from typing import Final

from remediator.report.history import History, Recurring
from remediator.views.summary_csv import cell

COLUMNS: Final = (
    "vm",
    "vm_id",
    "subscription",
    "vault",
    "code",
    "failures",
    "first",
    "last",
    "incidents",
    "recovered",
    "open",
    "median_seconds",
)
"""The headings. They are the same in all languages, because programs read them."""


def history_csv(history: History) -> str:
    """The failures by VM and code as CSV. Lines end in CR LF."""
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([cell(value) for value in _values(row)] for row in history.recurring)
    return out.getvalue()


def _values(row: Recurring) -> tuple[str, ...]:
    return (
        row.vm,
        row.vm_id or "",
        row.subscription,
        row.vault,
        row.code or "",
        str(row.failures),
        row.first.isoformat(),
        row.last.isoformat(),
        str(row.incidents),
        str(row.recovered),
        "yes" if row.open else "no",
        "" if row.median is None else str(round(row.median)),
    )
