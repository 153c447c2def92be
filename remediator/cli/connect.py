"""From the options for Azure and sign-in to a session."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING

from remediator.cli import Exit, garbage
from remediator.cli.loudness import is_verbose
from remediator.cli.options.azure import AzureOptions
from remediator.cli.output import say

if TYPE_CHECKING:
    from remediator.azure.session import Session
    from remediator.azure.watching import Exchange, Watch

    Work = Callable[[Session], Coroutine[None, None, int]]


def with_session(azure: AzureOptions, go: "Work", watch: "Watch | None" = None) -> int:
    """Do the work in a session. Ctrl-C, SIGTERM and SIGHUP end it in order.

    Args:
        azure: the options for Azure and sign-in.
        go: the work. It returns the exit code.
        watch: sees each answer that the session's Reader gets.
    """
    from remediator.azure.session import find_cloud, open_session
    from remediator.azure.versions import versions

    chosen = versions(azure.api_versions)
    tell = _say_request if is_verbose() else None
    cloud = find_cloud(azure.cloud, azure.arm_endpoint, azure.auth)

    async def inside() -> int:
        garbage.while_working()
        _end_like_ctrl_c("SIGTERM")
        _end_like_ctrl_c("SIGHUP")  # the terminal was closed
        async with open_session(cloud, azure.auth, chosen, watch, tell) as session:
            return await go(session)

    try:
        return asyncio.run(inside())
    except (KeyboardInterrupt, asyncio.CancelledError):
        # Typer would end with the right code, but without a message.
        say("interrupted; if a run had begun, this tells how far it got: remediate runs list")
        return Exit.INTERRUPTED


def _say_request(exchange: "Exchange") -> None:
    correlation = exchange.correlation_id
    say(
        f"{exchange.method} {exchange.path} {exchange.ended} {exchange.milliseconds} ms"
        + (f" correlation id {correlation}" if correlation else "")
    )


def _end_like_ctrl_c(name: str) -> None:
    """Let a signal end the command as Ctrl-C does: the run still puts back what it owes."""
    task, number = asyncio.current_task(), getattr(signal, name, None)
    if task is None or number is None or signal.getsignal(number) is signal.SIG_IGN:
        return  # `nohup` has set it to be ignored
    with suppress(NotImplementedError):  # Windows has no such handlers
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
