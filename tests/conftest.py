"""Settings for all tests: order, language, the start of simulators, the values that are tried."""

import os
from pathlib import Path
from typing import IO

import pytest
from hypothesis import HealthCheck, settings

from remediator.simulator.process import Process, SimulatorProcess
from tests.postgres import postgres
from tests.processes import start

__all__ = ["postgres"]


def _start(module: str, arguments: list[str], output: IO[str]) -> Process:
    with Path(os.devnull).open("rb") as nothing:
        return start(module, arguments, (nothing, output, output), dict(os.environ), None)


# Drop this machine's certificate bundles, which each command would take long to read, and its
# language.
for _name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_DIR", "SSL_CERT_FILE", "LANGUAGE", "LC_ALL"):
    os.environ.pop(_name, None)
os.environ["LANG"] = "C.UTF-8"

# No test writes into the home of whoever tests: a folder cannot be made below this.
os.environ["XDG_STATE_HOME"] = os.devnull

# Every run tries the same values, however slow the machine is.
settings.register_profile(
    "values",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("values")

SimulatorProcess.starter = staticmethod(_start)

WAITING = ("test_workers.py", "test_chaos.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests with long waits first, so that nobody waits for them at the end."""
    items.sort(key=lambda item: item.path.name not in WAITING)
