"""Rows of a summary whose every text is hostile."""

from datetime import UTC, datetime
from typing import Final

from remediator.report.batch import Standing
from remediator.report.summary import Row, Summary

NOW: Final = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

HOSTILE: Final = (
    "<script>alert(1)</script>",
    "<!-- -->",
    "a|b",
    "a\\|b",
    "a\\\\|b`c`",
    "`",
    "``a`",
    "a`|`b",
    "`<b>x</b>`",
    "[x](https://example.invalid)",
    "![x](https://example.invalid/x.png)",
    "**bold** _it_ ~~gone~~ # head",
    "&lt;b&gt; &amp;",
    "https://example.invalid www.example.invalid",
    "ends in \\",
    " = spaced",
    "]]> ${x} {0} {{x}}",
    "tab\there\nand\x1b[2J\u202e\ufffe\ud800",
)
FORMULAS: Final = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1")


def summary(*rows: Row) -> Summary:
    """A summary of rows."""
    return Summary(NOW, NOW, rows)


def hostile(text: str) -> Summary:
    """A row whose every text is this one."""
    row = Row(text, Standing.HUMAN, text, text, text, text, text, text, code=text, remedy=text)
    return summary(row, Row("", Standing.NOT_CHECKED, text, subscription=text))
