"""The progress of a scan on stderr: a live line with counts, elapsed time and an estimate."""

from time import monotonic
from typing import Final

from remediator.flow.events import Scanned
from remediator.language import _
from remediator.views.progress import Line

_EVERY: Final = 15.0
"""Seconds between two lines where nobody sits at a terminal."""


class ScanProgress:
    """Shows how far a scan is."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._began: float | None = None
        self._said = 0.0

    def see(self, event: Scanned) -> None:
        """Show an event."""
        now = monotonic()
        if self._began is None:
            self._began = self._said = now
        told = _(
            "{subscriptions_done} of {subscriptions} subscriptions, {done} of {known} VMs planned, "
            "{elapsed}"
        ).format(
            subscriptions_done=event.subscriptions_done,
            subscriptions=event.subscriptions,
            done=event.done,
            known=event.known,
            elapsed=_clock(now - self._began),
        )
        if event.subscriptions_done and event.subscriptions_done < event.subscriptions:
            share = event.subscriptions_done / event.subscriptions
            left = (now - self._began) * (1 - share) / share
            told += ", " + _("about {left} left").format(left=_clock(left))
        if self._line.console.is_terminal:
            self._line.tell("", told)
        elif now - self._said >= _EVERY:
            self._said = now
            self._line.console.print(told, soft_wrap=True)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
