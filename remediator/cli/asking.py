"""Asking the person at the terminal."""

import asyncio
import os
import sys
import threading
from contextlib import suppress

from remediator.cli.output import say, stderr
from remediator.language.translation import translated


def can_ask() -> bool:
    """Whether somebody sits at a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


async def approved(question: str) -> bool:
    """Ask. Only a clear yes counts: another word, the end of input or an error means no.

    The answer is read in a thread that nobody waits for. A thread of the event loop would keep
    Ctrl-C waiting until a line is typed.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str] = loop.create_future()

    def take(said: str) -> None:
        if not answer.done():
            answer.set_result(said)

    def read() -> None:
        try:
            said = os.read(sys.stdin.fileno(), 1024).decode(errors="replace")
        except (OSError, ValueError):
            said = ""
        with suppress(RuntimeError):  # the loop has ended: nobody needs the answer
            loop.call_soon_threadsafe(take, said)

    _forget_what_was_typed()
    try:
        stderr().print(translated(question), end=" ", markup=False, highlight=False)
    except OSError:
        return False
    threading.Thread(target=read, daemon=True).start()
    try:
        said = await answer
    except asyncio.CancelledError:
        stderr().print()
        say("nothing was changed")
        raise
    if not said.endswith("\n"):  # the end of input leaves the cursor behind the question
        stderr().print()
    return said.strip().lower() in ("y", "yes")


def _forget_what_was_typed() -> None:
    """Drop the text that was typed before the question."""
    with suppress(ImportError, OSError, ValueError):  # Windows has no termios
        import termios

        with suppress(termios.error):
            termios.tcflush(sys.stdin, termios.TCIFLUSH)
