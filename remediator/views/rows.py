"""Rows of labels and values."""

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from remediator.views.plain import plain


def rows(pairs: Iterable[tuple[str, str]]) -> Table:
    """A table of labels and values. A long value folds under itself."""
    table = Table.grid(padding=(0, 1))
    table.add_column(style="dim", min_width=9, no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in pairs:
        table.add_row(Text(f"  {label}"), Text(plain(value)))
    return table
