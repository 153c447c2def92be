"""A summary as CSV: a line of headings, then a record for each VM, as RFC 4180 says."""

import csv
from datetime import datetime
from io import StringIO
from typing import Final

from remediator.report.summary import Row, Summary
from remediator.views.plain import plain

COLUMNS: Final = (
    "vm",
    "vm_id",
    "subscription",
    "resource_group",
    "vault",
    "job",
    "failed_at",
    "code",
    "standing",
    "why",
    "remedy",
    "impacts",
    "next",
    "last_good_point",
    "run_id",
    "correlation_ids",
)
"""The headings. They are the same in all languages, because programs read them."""

_FORMULA: Final = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What begins a formula in a spreadsheet. Some of them take the wide forms of the signs, too."""


def summary_csv(summary: Summary) -> str:
    """The summary as CSV. Lines end in CR LF."""
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([cell(value) for value in _values(row)] for row in summary.rows)
    return out.getvalue()


def _values(row: Row) -> tuple[str, ...]:
    return (
        row.vm,
        row.vm_id or "",
        row.subscription,
        row.group,
        row.vault,
        row.job,
        _moment(row.failed_at),
        row.code or "",
        row.standing.value,
        row.why,
        row.remedy or "",
        " ".join(row.impacts),
        "; ".join(row.next),
        _moment(row.last_good),
        row.run_id or "",
        " ".join(row.correlation_ids),
    )


def cell(value: str) -> str:
    """The text of one cell. A text that a spreadsheet may take for a formula begins with '."""
    text = plain(value)
    risky = value.lstrip(" ").startswith(_FORMULA) or text.lstrip(" ").startswith(_FORMULA)
    return f"'{text}" if risky else text


def _moment(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
