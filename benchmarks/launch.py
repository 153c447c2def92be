"""Start a program, wait for its end, and write what it cost into a file.

Linux counts the memory of the process that starts a program to the program's peak. So this small
process starts it, not the benchmark. Usage: launch.py REPORT PROGRAM ARGUMENT...
"""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Final

_TIMEOUT: Final = 3600


def main(report: str, *command: str) -> None:
    """Write: seconds, seconds of CPU, peak in MiB, exit code."""
    began = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.alarm(_TIMEOUT)
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - began
    unit = 1 if sys.platform == "darwin" else 1024
    figures = [wall, used.ru_utime + used.ru_stime, used.ru_maxrss * unit / 2**20]
    figures.append(os.waitstatus_to_exitcode(status))
    Path(report).write_text(" ".join(map(str, figures)), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
