"""What is told of a wrong command line: the mistake, the closest word, the page that helps."""

import re
from collections.abc import Iterator
from typing import Any, Final

from remediator.errors import did_you_mean

_UNKNOWN: Final = re.compile(r"(?:Value error, )?('(.*?)' is not one of .*?)\.?", re.DOTALL)
"""How Typer says that a value is not one of the allowed ones."""


def page(error: Any) -> str | None:
    """The page of a group that was called without a verb. None for any other usage error."""
    context = getattr(error, "ctx", None)
    said = str(error.format_message())
    return said if context is not None and said == context.get_help() else None


def told(error: Any) -> str:
    """The sentences about a usage error. Empty if it says nothing."""
    context, parameter = getattr(error, "ctx", None), getattr(error, "param", None)
    unknown = _UNKNOWN.fullmatch(getattr(error, "message", None) or "")
    if unknown and context is not None and parameter is not None:
        known = (item.value for item in parameter.shell_complete(context, ""))
        error.message = unknown[1] + did_you_mean(unknown[2], known)
    if not (said := str(error.format_message())):
        return ""
    end = "" if said.endswith((".", "?")) else "."
    return f"{said}{end} See {' '.join(('remediate', *_verbs(context), '--help'))}."


def _verbs(context: Any) -> Iterator[str]:
    """The verbs up to the command at fault."""
    if context is not None and context.parent is not None:
        yield from _verbs(context.parent)
        yield str(context.info_name)
