"""The live line on a terminal: what happens now, for how long, and that Ctrl-C is safe."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from rich.console import Console
from rich.status import Status
from rich.text import Text

from remediator.language import _
from remediator.views.plain import plain


@dataclass(frozen=True, slots=True)
class _Now:
    """What happens at one VM."""

    text: str
    since: float
    until: float | None


class Line:
    """The live line on a terminal. It tells what happens now in all runs."""

    def __init__(self, console: Console, clock: Callable[[], float] = monotonic) -> None:
        """A line.

        Args:
            console: where it is shown.
            clock: the seconds that have passed since some moment.
        """
        self.console = console
        self.safe = ""
        """What to know before pressing Ctrl-C. It stands below the line."""
        self._clock = clock
        self._status: Status | None = None
        self._told: dict[str, _Now] = {}
        self._held_until = 0.0

    @property
    def live(self) -> bool:
        """Whether a person sees the line. A log does not, even if it takes colours."""
        return self.console.is_terminal and self.console.file.isatty()

    def tell(
        self, vm: str, text: str, left: float | None = None, since: float | None = None
    ) -> None:
        """Show what happens at a VM. An empty text removes the VM.

        Args:
            vm: the VM's name; empty if only one thing happens.
            text: what happens.
            left: the seconds after which it is given up, if something is waited for.
            since: when it began, by the clock; None if it begins when its text is first told.
        """
        if self.console.quiet:
            return  # a live line would also swallow the errors that are printed beside it
        # Another thread draws the line, and may be reading what is told. So that is replaced whole.
        told, now = dict(self._told), self._clock()
        before = told.pop(vm, None)
        if text:
            if since is None:
                since = before.since if before and before.text == text else now
            told[vm] = _Now(text, since, None if left is None else now + left)
        self._told = told
        if self._status is None:
            # The line is drawn again several times a second. So its times go on by themselves.
            self._status = self.console.status(self)
            self._status.start()
        else:
            self._status.update(self)

    def hold(self, seconds: float) -> None:
        """Show for so many seconds that Azure asks to wait, where the line is shown.

        It does not begin the line: somebody may be asked something at that place.
        """
        self._held_until = max(self._held_until, self._clock() + seconds)

    def stop(self) -> None:
        """Remove the line, because something else will be shown or all has ended."""
        if self._status is not None:
            self._status.stop()
        self._status = None

    def forget(self) -> None:
        """Remove the line and all that it tells."""
        self._told = {}
        self.stop()

    def __rich__(self) -> Text:
        """The line as it is now."""
        told = self._told
        rows = [self._row(vm, now) for vm, now in told.items()]
        if (left := self._held_until - self._clock()) > 0:
            rows.append(_("Azure asks to wait: {left} more").format(left=clock(left)))
        waits = any(now.until is not None for now in told.values())
        safe = [self.safe] if waits and self.safe else []
        return Text("\n".join((*rows, *map(plain, safe))), style="dim")

    def _row(self, vm: str, now: _Now) -> str:
        at = self._clock()
        row = f"{plain(vm)}  {plain(now.text)}" if vm else plain(now.text)
        if now.until is None:
            return f"{row}  {clock(at - now.since)}"
        times = _("{elapsed} so far, at most {left} more").format(
            elapsed=clock(at - now.since), left=clock(max(0.0, now.until - at))
        )
        return f"{row}  {times}"


def clock(seconds: float) -> str:
    """A time as a person reads it: 0:42, 59:59, 1:30:00."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
