"""Run a program to its end, and measure what it cost."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final

_LAUNCH: Final = [sys.executable, "-I", "-S", str(Path(__file__).with_name("launch.py"))]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run of a program cost."""

    wall: float
    """Seconds from its start to its end."""
    cpu: float
    """Seconds of processor time, with the processes that it started and waited for."""
    peak: float
    """The most memory that one of these processes held, in MiB."""
    out: str
    """What it printed."""


class Running:
    """A program that runs."""

    def __init__(
        self, command: Sequence[str], env: dict[str, str], given: IO[bytes] | None = None
    ) -> None:
        self._command = list(command)
        self._folder = TemporaryDirectory(prefix="remediate-bench-")
        folder = Path(self._folder.name)
        self._report, self._out, self._err = (folder / name for name in ("report", "out", "err"))
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self._process = subprocess.Popen(
                [*_LAUNCH, str(self._report), *self._command],
                env=env,
                stdin=given or subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )

    def end(self, *codes: int) -> Cost:
        """Wait for its end.

        Raises:
            RuntimeError: its exit code is none of these (0 if none is given).
        """
        self._process.wait()
        with self._folder:
            out, err = (path.read_text("utf-8") for path in (self._out, self._err))
            told = self._report.read_text("utf-8").split() if self._report.exists() else []
        if not told or int(told[3]) not in (codes or (0,)):
            message = f"{' '.join(self._command)}: {told}\n{out}\n{err}"
            raise RuntimeError(message[-4000:])
        return Cost(float(told[0]), float(told[1]), float(told[2]), out)


def run(
    command: Sequence[str], env: dict[str, str], *codes: int, given: IO[bytes] | None = None
) -> Cost:
    """Run a program to its end, which must be one of these exit codes (0 if none is given)."""
    return Running(command, env, given).end(*codes)
