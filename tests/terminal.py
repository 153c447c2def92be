"""A terminal for `remediate`, with simulated typing."""

import fcntl
import os
import pty
import select
import struct
import termios
import time
from pathlib import Path
from typing import Self

from remediator.simulator.process import SimulatorProcess
from tests.command import environment
from tests.evidence import PATIENCE
from tests.processes import start


class Terminal:
    """`remediate` on its own terminal."""

    def __init__(
        self,
        azure: SimulatorProcess,
        folder: Path,
        *arguments: str,
        size: tuple[int, int] | None = None,
    ) -> None:
        """A terminal. With a `size`, in rows and columns, it shows no live line."""
        self._ours, theirs = pty.openpty()
        env = environment(azure, folder) | {"TERM": "xterm"}
        if size is not None:
            fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
            del env["COLUMNS"]
            env["TERM"] = "dumb"
        with open(theirs, "r+b", buffering=0) as terminal:  # noqa: PTH123 - a descriptor
            streams = (terminal, terminal, terminal)
            self.process = start("remediator", list(arguments), streams, env, None, terminal=True)
        self.said = ""

    def read(self) -> bool:
        """Read the output so far. False if the terminal is closed."""
        while select.select([self._ours], [], [], 0.02)[0]:
            try:
                got = os.read(self._ours, 65536)
            except OSError:
                return False
            if not got:
                return False
            self.said += got.decode("utf-8", "replace")
        return True

    def asked(self) -> bool:
        self.read()
        return "[y/N]" in self.said

    def type(self, keys: bytes) -> None:
        os.write(self._ours, keys)

    def end(self) -> int:
        deadline = time.monotonic() + PATIENCE
        while (code := self.process.poll()) is None:
            self.read()
            if time.monotonic() > deadline:
                raise AssertionError(f"it does not end; it said:\n{self.said}")
        self.read()
        return code

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._ours)
