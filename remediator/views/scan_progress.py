"""The progress of a scan on stderr: a live line on a terminal, else a line for each VM."""

from time import monotonic

from remediator.flow.events import Scanned
from remediator.language import _, listed
from remediator.views.live import Line, clock
from remediator.views.plain import plain


class ScanProgress:
    """Shows how far a scan is."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._began = monotonic()

    def see(self, event: Scanned) -> None:
        """Show an event."""
        if self._line.live:
            self._line.tell("", self._told(event), since=self._began)
        elif (target := event.target) is not None:
            standing, code = _(target.standing), target.code or ""
            parts = (f"{event.done}/{event.known}", standing, target.vm, code)
            self._line.console.out(plain("  ".join(parts)), highlight=False)

    def _told(self, event: Scanned) -> str:
        passed = monotonic() - self._began
        told = _(
            "{subscriptions_done} of {subscriptions} subscriptions, {done} of {known} VMs planned"
        ).format(
            subscriptions_done=event.subscriptions_done,
            subscriptions=event.subscriptions,
            done=event.done,
            known=event.known,
        )
        if 0 < event.subscriptions_done < event.subscriptions:
            left = passed * (event.subscriptions / event.subscriptions_done - 1)
            told = listed((told, _("about {left} left").format(left=clock(left))))
        return told
