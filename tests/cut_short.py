"""Cut a command short at a chosen request, by a kill or by Ctrl-C.

The server chooses the moment. It delays the answer to one request so long that the tool is surely
still waiting for it when it is killed.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from remediator.simulator.process import SimulatorProcess
from tests.command import SPEED, Ended
from tests.evidence import running, until

LATE = 25.0
"""The chosen request would be answered only after so many real seconds."""

PUT_BACK = """
codes: [UserErrorRpCollectionLimitReached]
title: Take the lock off, back up, put the lock back
sources: [https://learn.microsoft.com/azure/backup/backup-azure-troubleshoot-vm-backup-fails-snapshot-timeout]
causes: [A lock on the restore points' group]
ladder:
  - rung: take-lock-off
    title: Take the lock off for one backup
    when: {backup_lock: removable}
    steps:
      - action: remove-locks
      - action: back-up-now
      - action: put-locks-back
        policy: put-back
manual:
  text: Look at the locks.
"""


def put_back_books(folder: Path, playbook: str = PUT_BACK) -> tuple[str, str]:
    """The option for a folder whose only playbook puts a lock back."""
    books = folder / "books"
    books.mkdir()
    (books / "mine.yaml").write_text(playbook, "utf-8")
    return "--playbooks", str(books)


@contextmanager
def cloud(scenario: str | Path, speed: float = SPEED) -> Iterator[SimulatorProcess]:
    """A simulator that is killed at the end. Otherwise it would first give its delayed answers."""
    with SimulatorProcess(scenario, time="fast", speed=speed) as azure:
        yield azure
        os.kill(azure.pid, signal.SIGKILL)


def hold(azure: SimulatorProcess, number: int = 1, **which: Any) -> None:
    """Delay the answer to the n-th request of a kind."""
    azure.fault("slow", after=number - 1, seconds=LATE, **which)


def unanswered(azure: SimulatorProcess) -> bool:
    """Whether a request waits for its answer."""
    return any(r["answered"] is None for r in azure.requests())


def killed_at(
    azure: SimulatorProcess, folder: Path, number: int, *options: str, **which: Any
) -> Ended | None:
    """Kill a run while its n-th request of a kind waits for an answer.

    Returns:
        None. If the run made fewer such requests, how it ended.
    """
    hold(azure, number, **which)
    job = azure.failed_jobs("web")[-1]
    with running(azure, folder, "--job-id", job, "--yes", *options) as tool:
        until(
            lambda: tool.process.poll() is not None or unanswered(azure), f"request {number} waits"
        )
        if tool.process.poll() is not None:
            return tool.end()
        tool.process.send_signal(signal.SIGKILL)
        tool.process.wait()
    azure.clear_faults()
    return None


def killed_during(azure: SimulatorProcess, folder: Path, *options: str, **which: Any) -> None:
    """Kill a run while its first request of a kind waits. The run must make such a request."""
    ended = killed_at(azure, folder, 1, *options, **which)
    assert ended is None, f"it made no such request: exit {ended.code}\n{ended.out}\n{ended.err}"


def interrupted(
    azure: SimulatorProcess,
    folder: Path,
    reached: Any,
    *options: str,
    by: signal.Signals = signal.SIGINT,
) -> Ended:
    """Run until a condition is reached, then press Ctrl-C or send another signal."""
    arguments = ("--job-id", azure.failed_jobs("web")[-1], "--yes", *options)
    with running(azure, folder, *arguments) as tool:
        until(reached, "the moment for Ctrl-C")
        tool.process.send_signal(by)
        ended = tool.end()
    assert "Traceback" not in ended.err + ended.out
    return ended
