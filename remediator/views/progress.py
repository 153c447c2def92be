"""Progress, as it happens, on stderr: a live line on a terminal, plain lines without one."""

from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from rich.console import Console
from rich.padding import Padding
from rich.status import Status
from rich.text import Text

from remediator.language import _, marked
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
from remediator.views.plain import plain, short

_RESULT = {
    Result.APPLIED: marked("applied"),
    Result.UNSETTLED: marked("unsettled"),
    Result.UNNEEDED: marked("unneeded"),
    Result.FAILED: marked("failed"),
    Result.UNCERTAIN: marked("uncertain"),
    Result.STALE: marked("stale"),
    Result.NOT_REACHED: marked("not-reached"),
}
_STAGE = {"notstarted": "·", "inprogress": "…", "completed": "✓", "failed": "✗"}


class Progress:
    """A watcher that shows each event. What is about to be sent is shown before it is sent."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = console.status("") if console.is_terminal else None
        self._waited = ""
        self._job = ""

    def __enter__(self) -> Self:
        if self._status:
            self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._status:
            self._status.stop()

    def see(self, event: Entry | Waiting) -> None:
        """Show an event."""
        match event:
            case Began():
                told = _("run {id}: {count} changes")
                count = event.plan.summary.changes
                self._say(told.format(id=event.run_id, count=count), "dim")
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
                self._say(f"   {outcome.step}. {result}: {short(outcome.text)}", style)
            case JobFollowed():
                name = event.job_id.rsplit("/", 1)[-1]
                stages = "  ".join(_stage(task) for task in event.tasks)
                if name != self._job:
                    self._say("   " + _("job {name}").format(name=name), "")
                self._job = name
                self._say(f"   {event.status}  {stages}", "")
                following = _("following backup job {name}:").format(name=name)
                self._now(f"{following} {event.status}  {stages}")
            case Waiting():
                self._now(event.text)
            case Concluded():
                self._now("")

    def _say(self, text: str, style: str) -> None:
        """A line; on a terminal folded under its own indent, else left whole for `grep`."""
        body = text.lstrip(" ")
        line = Text(plain(body), style=style)
        indent = len(text) - len(body)
        if self._console.is_terminal:
            self._console.print(Padding(line, (0, 0, 0, indent)))
        else:
            self._console.print(Text(" " * indent) + line, soft_wrap=True)

    def _now(self, text: str) -> None:
        """What is going on; without a terminal said once, not at every look."""
        if self._status:
            self._status.update(Text(plain(text), style="dim"))
        elif text and text != self._waited and text.startswith("waiting"):
            self._say(f"   {text}", "")
        self._waited = text


def _stage(task: str) -> str:
    """A stage of a job with a sign for its status."""
    name, _colon, status = task.rpartition(": ")
    return f"{name} {_STAGE.get(status.lower(), status)}"
