"""What is told of a wrong command line: the mistake, the closest word, the page that helps."""

import re
from collections.abc import Iterator
from typing import Any, Final

from remediator.errors import did_you_mean
from remediator.language import _
from remediator.language.translation import translated

_UNKNOWN: Final = re.compile(r"(?:Value error, )?'(.*?)' is not one of (.*?)\.?", re.DOTALL)
"""How Typer says that a value is not one of the allowed ones."""


def page(error: Any) -> str | None:
    """The page of a group that was called without a verb. None for any other usage error."""
    context = getattr(error, "ctx", None)
    said = str(error.format_message())
    return said if context is not None and said == context.get_help() else None


def told(error: Any) -> str:
    """The sentences about a usage error, in the chosen language. Empty if it says nothing.

    Each sentence is translated before they are put together: Typer's texts have few words of their
    own, and would fit the others too.
    """
    context, parameter = getattr(error, "ctx", None), getattr(error, "param", None)
    unknown = _UNKNOWN.fullmatch(getattr(error, "message", None) or "")
    if unknown and context is not None and parameter is not None:
        value, values = unknown.groups()
        near = did_you_mean(value, (each.value for each in parameter.shell_complete(context, "")))
        told = _("{value!r} is not one of {values}").format(value=value, values=values)
        error.message = told + translated(near)
    if not (said := translated(str(error.format_message()))):
        return ""
    ended = said.endswith((".", "?", "。", "？"))
    sentence = _("{said} See {page}.") if ended else _("{said}. See {page}.")
    page = " ".join(("remediate", *_verbs(context), "--help"))
    return sentence.format(said=said, page=page)


def _verbs(context: Any) -> Iterator[str]:
    """The verbs up to the command at fault."""
    if context is not None and context.parent is not None:
        yield from _verbs(context.parent)
        yield str(context.info_name)
