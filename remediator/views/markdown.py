"""Write text from Azure into Markdown, so that it is shown as it is and does nothing."""

import re
from typing import Final

from remediator.views.plain import plain

# Signs that a table or HTML may act on become entities: a backslash before a pipe is not read in
# the same way everywhere. A backslash is enough for the others.
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "`": "&#96;"}
_ACTIVE: Final = re.compile(r"[&<>|`\\*_\[\]{}~#!$]|(?<=[a-z]):(?=//)|(?<=www)\.", re.IGNORECASE)
_FENCES: Final = re.compile("`+")


def escaped(text: object) -> str:
    """One line of text, in a paragraph or in a cell of a table. No sign in it has a meaning.

    An address does not become a link.
    """
    return _ACTIVE.sub(lambda found: _ENTITIES.get(found[0], "\\" + found[0]), plain(text))


def code(text: object) -> str:
    """One line in a code span, for a paragraph or a list. It is never wrapped or cut."""
    bare = plain(text)
    longest = max((len(found[0]) for found in _FENCES.finditer(bare)), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest else ""
    return f"{fence}{space}{bare}{space}{fence}" if bare else ""


def code_cell(text: object) -> str:
    """A text in a code span, for a cell of a table.

    A span in a cell cannot hold a pipe or a backslash before one. Such a text is only escaped.
    """
    return escaped(text) if re.search(r"[|`\\]", plain(text)) else code(text)


def row(cells: tuple[str, ...]) -> str:
    """A row of a table. The cells are Markdown already."""
    return f"| {' | '.join(cells)} |"
