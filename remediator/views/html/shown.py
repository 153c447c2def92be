"""Texts of others, made safe to show in a page."""

from datetime import datetime

from remediator.language import _
from remediator.language.translation import translated
from remediator.moments import shown as moment_shown
from remediator.views.plain import plain
from remediator.views.rows import is_command


def clean(text: object) -> str:
    """The text without invisible characters. The removed ones stay visible.

    Most texts have none. A page has up to a hundred thousand texts, so these are not looked through
    character by character.
    """
    said = str(text)
    return said if said.isprintable() else plain(said)


def then(line: str) -> str:
    """What to do next: a command as it is, or a sentence in the chosen language."""
    return line if is_command(line) else translated(line)


def moment(at: datetime | None) -> str:
    """A moment to the minute. Empty if it is not known."""
    return moment_shown(at) if at else ""


def hours_long(hours: float) -> str:
    """A length of time, as the scan's text tells it."""
    if hours < 48:
        return _("{hours} hours").format(hours=int(hours))
    return _("{days} days").format(days=int(hours // 24))
