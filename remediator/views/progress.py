"""Progress on stderr as it happens: a live line on a terminal, else plain lines."""

from collections.abc import Callable
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

from rich.text import Text

from remediator.language import _, _n, marked
from remediator.language.translation import translated
from remediator.run.run import (
    Began,
    Concluded,
    Ended,
    Entry,
    Intent,
    JobFollowed,
    LeaseReturned,
    LeaseTaken,
    Result,
    Waiting,
)
from remediator.views.live import Line, clock
from remediator.views.plain import plain, short
from remediator.views.rows import show_hanging

_RESULT = {
    Result.APPLIED: marked("applied"),
    Result.UNSETTLED: marked("unsettled"),
    Result.UNNEEDED: marked("unneeded"),
    Result.FAILED: marked("failed"),
    Result.UNCERTAIN: marked("uncertain"),
    Result.STALE: marked("stale"),
    Result.NOT_REACHED: marked("not-reached"),
}
_AGAIN: Final = 300.0
"""Seconds after which a wait is told again where no terminal shows it."""

_STAGE = {"notstarted": "·", "inprogress": "…", "completed": "✓", "failed": "✗"}


class Progress:
    """Shows what one run does. Each request is shown before it is sent."""

    def __init__(
        self, line: Line, vm: str | None = None, clock: Callable[[], float] = monotonic
    ) -> None:
        """A display of progress.

        Args:
            line: the live line.
            vm: the name before each line if several runs are shown; else None.
            clock: the seconds that have passed since some moment.
        """
        self._line = line
        self._console = line.console
        self._vm = vm
        self._clock = clock
        self._waited = ""
        self._since = self._said = clock()
        self._job = ""
        self._followed_since = 0.0
        self._following = ""

    def see(self, event: Entry | Waiting) -> None:
        """Show an event."""
        match event:
            case Began():
                count = event.plan.summary.changes
                told = _n("run {id}: {count} change", "run {id}: {count} changes", count)
                self._say(told.format(id=event.run_id, count=count), "dim")
                known = "list" if self._vm else f"show {event.run_id}"
                self._line.safe = _("Ctrl-C is safe: {command} tells how far it got").format(
                    command=f"remediate runs {known}"
                )
                self._now(_("reading the subscription again"))
            case Intent():
                change = event.change
                sent = f"{change.request.method} {urlsplit(change.request.url).path}"
                self._say(f"→ {event.step}. {short(change.what)}", "bold cyan")
                self._say(f"     {sent}", "dim")
                self._now(short(change.what))
            case LeaseTaken():
                lock = event.lock
                told = _("lock recorded: {name} ({level}) on {scope}, notes: {notes}").format(
                    name=lock.name,
                    level=lock.level,
                    scope=lock.scope,
                    notes=lock.notes or _("none"),
                )
                self._say(f"   {told}", "yellow")
            case LeaseReturned():
                self._say("   " + _("lock put back: {id}").format(id=event.lock_id), "green")
            case Ended(outcome=outcome):
                good = outcome.result in (Result.APPLIED, Result.UNNEEDED)
                style = "green" if good else "yellow"
                result = _(_RESULT[outcome.result])
                self._say(f"   {outcome.step}. {result}: {short(_what(outcome.text))}", style)
            case JobFollowed():
                name = event.job_id.rsplit("/", 1)[-1]
                stages = "  ".join(_stage(task) for task in event.tasks)
                if name != self._job:
                    self._say("   " + _("job {name}").format(name=name), "")
                    self._followed_since = self._clock()
                self._job = name
                self._say(f"   {event.status}  {stages}", "")
                following = _("following backup job {name}:").format(name=name)
                now = f"{event.status}  {stages}"
                self._following = now if self._vm else f"{following} {now}"
                self._now(self._following, since=self._followed_since)
            case Waiting(text="", left=left):
                self._now(self._following, left, self._followed_since)
            case Waiting(text=text, left=left):
                self._now(text, left)
            case Concluded():
                self._now("")

    def _say(self, text: str, style: str) -> None:
        """Print a line.

        On a terminal it folds under its own indent, but no id is broken. Else it stays whole, for
        `grep`.
        """
        body = text.lstrip(" ")
        line = Text(plain(body), style=style)
        indent = len(text) - len(body)
        whose = Text(f"{plain(self._vm)}  " if self._vm else "", style="bold")
        if self._console.is_terminal:
            show_hanging(self._console, whose + Text(" " * indent), line.plain, style)
        else:
            self._console.print(whose + Text(" " * indent) + line, soft_wrap=True)

    def _now(self, text: str, left: float | None = None, since: float | None = None) -> None:
        """Show what happens now. Without a terminal, say a wait once, and again now and then."""
        if self._line.live:
            self._line.tell(self._vm or "", translated(text), left, since)
            return
        at = self._clock()
        if text != self._waited:
            self._waited, self._said = text, at
            self._since = at if since is None else since
            if text.startswith("waiting"):
                self._say(f"   {translated(text)}", "")
        elif left is not None and at - self._said >= _AGAIN:
            self._said = at
            times = _("{elapsed} so far, at most {left} more").format(
                elapsed=clock(at - self._since), left=clock(left)
            )
            self._say(f"   {translated(text)}  {times}", "")


def _what(text: str) -> str:
    """The text of an outcome, which the word for its result introduces."""
    return text.removeprefix("done: ")


def _stage(task: str) -> str:
    """A stage of a job, with a sign for its status."""
    name, _colon, status = task.rpartition(": ")
    return f"{name} {_STAGE.get(status.lower(), status)}"
