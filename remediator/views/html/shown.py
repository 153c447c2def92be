"""Texts of others, made safe to show in a page."""

from datetime import datetime

from remediator.language import _
from remediator.moments import shown as moment_shown
from remediator.views.plain import plain


def clean(text: object) -> str:
    """The text without invisible characters. The removed ones stay visible.

    Most texts have none. A page has up to a hundred thousand texts, so these are not looked through
    character by character.
    """
    said = str(text)
    return said if said.isprintable() else plain(said)


def moment(at: datetime | None) -> str:
    """A moment to the minute. Empty if it is not known."""
    return moment_shown(at) if at else ""


def hours_long(hours: float) -> str:
    """A length of time, as the scan's text tells it."""
    if hours < 48:
        return _("{hours} hours").format(hours=int(hours))
    return _("{days} days").format(days=int(hours // 24))
