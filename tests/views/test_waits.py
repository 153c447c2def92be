"""Waits where no terminal shows them: a line now and then, no flood."""

from io import StringIO

from rich.console import Console

from remediator.run.run import Waiting
from remediator.views.live import Line, clock
from remediator.views.progress import Progress


class Seconds:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def lines(vm: str | None = None) -> tuple[Progress, Seconds, StringIO]:
    """A progress that goes to a file, its clock and its file."""
    seconds, file = Seconds(), StringIO()
    console = Console(file=file, width=200, highlight=False)
    return Progress(Line(console, seconds), vm, seconds), seconds, file


def test_a_long_wait_is_told_again_every_five_minutes() -> None:
    progress, seconds, file = lines()
    for now in range(3601):
        seconds.now = float(now)
        progress.see(Waiting(text="waiting until collection gone is seen", left=7200.0 - now))
    told = file.getvalue().splitlines()
    assert len(told) == 1 + 3600 // 300
    assert told[0] == "   waiting until collection gone is seen"
    assert told[1].endswith("is seen  5:00 so far, at most 1:55:00 more")
    assert told[-1].endswith("is seen  1:00:00 so far, at most 1:00:00 more")


def test_a_new_wait_is_told_at_once() -> None:
    progress, _seconds, file = lines("web")
    for _ in range(3):
        progress.see(Waiting(text="waiting for one", left=9.0))
    progress.see(Waiting(text="waiting for another", left=9.0))
    assert file.getvalue().splitlines() == [
        "web     waiting for one",
        "web     waiting for another",
    ]


def test_a_line_keeps_the_time_of_what_it_tells() -> None:
    seconds = Seconds()
    line = Line(Console(file=StringIO(), force_terminal=True, width=200), seconds)
    line.safe = "Ctrl-C is safe"
    line.tell("", "looking")
    seconds.now = 5.0
    line.tell("", "looking")
    assert str(line.__rich__()) == "looking  0:05"
    line.tell("", "waiting", 60.0)
    seconds.now = 15.0
    told = str(line.__rich__())
    assert told == "waiting  0:10 so far, at most 0:50 more\nCtrl-C is safe"
    line.forget()


def test_a_run_that_begins_or_ends_while_the_line_is_drawn_breaks_nothing() -> None:
    """Another thread draws the line."""
    names = iter(("api", "files"))
    drawing = False

    def now() -> float:
        """The time, which the line asks for while it is drawn: another run tells just then."""
        nonlocal drawing
        if drawing and (name := next(names, None)):
            drawing = False
            line.tell(name, "reading")
            line.tell("web", "")
            drawing = True
        return 0.0

    line = Line(Console(file=StringIO(), force_terminal=True, width=200), now)
    line.tell("web", "reading")
    line.tell("db", "reading")
    drawing = True
    assert str(line.__rich__()).splitlines() == ["web  reading  0:00", "db  reading  0:00"]
    drawing = False
    told = str(line.__rich__()).splitlines()
    assert [row.split()[0] for row in told] == ["db", "api", "files"]
    line.forget()


def test_times_are_short() -> None:
    assert [clock(each) for each in (0, 61.9, 3599, 3600, 36000)] == [
        "0:00",
        "1:01",
        "59:59",
        "1:00:00",
        "10:00:00",
    ]
