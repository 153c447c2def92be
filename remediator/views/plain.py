"""Make text from Azure safe to show.

Names, notes and messages come from other people. Control characters could control the terminal, and
direction marks could make one id look like another.
"""

import re
import unicodedata

from remediator.language import _
from remediator.language.translation import translated

_NEWLINES = re.compile(r"[\r\n\u2028\u2029\x0b\x0c\x85]+")

_HOST = re.compile(r"https?://[^/\s]+(?=/subscriptions/)", re.IGNORECASE)
_MARKS = ",;:)，；：）。"
"""What may stand directly behind an id, also in Chinese."""

_NAME = rf"([^/\s{_MARKS}]+)"
_GROUP_ID = re.compile(
    rf"/subscriptions/[^/\s]+/resourcegroups/{_NAME}(?:/providers/[^/\s]+/)?", re.IGNORECASE
)
_SUBSCRIPTION_ID = re.compile(rf"/subscriptions/{_NAME}/providers/[^/\s]+/", re.IGNORECASE)
_SUBSCRIPTION = re.compile(rf"/subscriptions/{_NAME}(?![^\s{_MARKS}])", re.IGNORECASE)
# A query may contain spaces and times, but never a colon followed by a space: there Azure's words
# begin.
_QUERY = re.compile(r"(GET \S+?)\?(?:(?!: |：)[^)）])*")

_INNER = r"[(（][^()（）]*[)）]"
_PROOF = re.compile(rf"(?<!\s)\s*[(（](?:[^()（）]|{_INNER})*?GET (?:[^()（）]|{_INNER})*[)）]")
"""Parentheses with a request in them, also if it stands in parentheses of its own there."""


def short(text: object) -> str:
    """A sentence for reading: in the chosen language, with ARM ids cut to group and name.

    The full ids stand elsewhere.
    """
    cut = _HOST.sub("", _QUERY.sub(r"\1", translated(str(text))))
    cut = _GROUP_ID.sub(lambda m: m[1] + (":" if m[0].endswith("/") else ""), cut)
    cut = _SUBSCRIPTION_ID.sub("subscription:", cut)
    named = _("the subscription {name}")
    return plain(_SUBSCRIPTION.sub(lambda match: named.format(name=match[1]), cut))


def brief(text: object) -> str:
    """A sentence for reading, as `short` makes it, without the requests that prove it."""
    return _PROOF.sub("", short(text))


def plain(text: object) -> str:
    """One line without any character that controls a terminal.

    The removed characters stay visible.
    """
    flat = _NEWLINES.sub(" ", str(text))
    return "".join(
        f"\\x{ord(c):02x}" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") else c
        for c in flat
    )
