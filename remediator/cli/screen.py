"""Showing what the flow tells: lines on stderr, plans and reports on stdout."""

from collections.abc import Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console

from remediator.cli.masking import masked
from remediator.cli.options.output import OutputOptions
from remediator.cli.output import Draw, Made, note, passing, put, say
from remediator.cli.streams import is_read
from remediator.errors import BadInputError
from remediator.facts import Lock
from remediator.flow.events import (
    Admitted,
    Event,
    Finished,
    LockOff,
    Note,
    PowerLeft,
    Scanned,
    Seen,
)
from remediator.patience import hearing_holds
from remediator.run.run import PowerOwed
from remediator.views.live import Line
from remediator.views.progress import Progress
from remediator.views.scan_progress import ScanProgress

if TYPE_CHECKING:
    from remediator.plan.plan import Plan


class Screen:
    """Shows what is done. If nothing can be shown any more, the VMs are still treated."""

    def __init__(self, show: OutputOptions, *, plans: bool = False, several: bool = False) -> None:
        """A screen.

        Args:
            show: the form of the output and its place.
            plans: whether to show a plan, briefly, before it is applied.
            several: whether there are several runs. Then each report is shown as it comes.
        """
        self._show = show
        self._plans = plans
        self._several = several
        self._line = Line(passing())
        self._scan = ScanProgress(self._line)
        self._runs: dict[str, Progress] = {}
        self._hearing = ExitStack()
        self._left = False  # whether it was told that the reader has gone away
        self.lost = False
        """Whether something could not be shown."""

    def __enter__(self) -> Self:
        self._hearing.enter_context(hearing_holds(self._held))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._hearing.close()
        self._line.stop()

    def _held(self, seconds: float) -> None:
        if self._line.live:
            self._line.hold(seconds)

    def reading(self, what: str) -> None:
        """Show on a terminal that something is read, until `read`, or until something is shown."""
        if self._line.live:
            self._line.tell("", what)

    def read(self) -> None:
        """Show no longer that something is read."""
        self._line.forget()

    def hear(self, event: Event) -> None:
        """Show an event."""
        match event:
            case Scanned():
                self._scan.see(event)
            case Note(text=text, passing=may_be_missed):
                (note if may_be_missed else say)(text)
            case LockOff():
                say(_off(event.run_id, event.lock))
            case PowerLeft():
                say(_power(event.run_id, event.owed))
            case Admitted():
                if self._plans:
                    self._text(lambda console: _briefly(console, event.plan))
            case Seen():
                self._progress(event.plan).see(event.event)
            case Finished():
                if self._several:
                    self._text(lambda console: _report(console, event))

    def _progress(self, plan: "Plan") -> Progress:
        name = plan.job.vm_name if self._several else None
        return self._runs.setdefault(plan.plan_id, Progress(self._line, name))

    def _text(self, draw: Draw) -> None:
        """Show something if the output is text, which a person reads."""
        if self._show.has("text"):
            self.put(draw, {})

    def put(self, text: Draw | None, forms: Mapping[str, Made]) -> None:
        """Put something out in each wanted form, if it can be shown."""
        self._line.stop()  # the live line would swallow output for stdout
        try:
            put(self._show, text, forms)
        except (OSError, BadInputError) as error:
            problem = str(error) or type(error).__name__
            say(f"cannot be shown ({problem}): see remediate runs list")
            self.lost = True
        if self._runs and not self._left and not is_read():
            say("nobody reads the output to its end: see remediate runs list")
            self._left = True


def _briefly(console: Console, plan: "Plan") -> None:
    from remediator.views.plan_text import show_plan

    show_plan(console, masked(plan), details=False)
    console.print()


def _report(console: Console, event: Finished) -> None:
    from remediator.views.report_text import show_report

    show_report(console, masked(event.report))


def _off(run_id: str, lock: Lock) -> str:
    """A line: a run owes a lock, and this command puts it back."""
    return (
        f"A LOCK IS OFF THAT SHOULD BE ON: lock {lock.name} ({lock.level}) on {lock.scope}: "
        f"remediate resume {run_id} if the run is unfinished, otherwise remediate restore-locks "
        f"{run_id}"
    )


def _power(run_id: str, owed: PowerOwed) -> str:
    """A line: a run has changed a VM's power, and this command brings it back."""
    return (
        f"A VM'S POWER IS NOT AS IT WAS: {owed.vm_id}: remediate resume {run_id} puts it back, "
        f"or by hand {owed.command}"
    )
