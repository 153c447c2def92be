"""How the tests start simulators."""

import os
from pathlib import Path
from typing import IO

from remediator.simulator.process import Process, SimulatorProcess
from tests.postgres import postgres
from tests.processes import start

__all__ = ["postgres"]


def _start(module: str, arguments: list[str], output: IO[str]) -> Process:
    with Path(os.devnull).open("rb") as nothing:
        return start(module, arguments, (nothing, output, output), dict(os.environ), None)


for _name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
    # Whom this machine trusts is nothing to the tests; to read it would take each command longer.
    os.environ.pop(_name, None)

SimulatorProcess.starter = staticmethod(_start)
