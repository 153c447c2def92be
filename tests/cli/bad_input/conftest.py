"""Fixtures: commands run in an empty folder, against a cloud in which nothing may be written."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from remediator.cli import call
from remediator.simulator.process import SimulatorProcess
from tests.cli.bad_input.estate import SCENARIO
from tests.command import Ended, environment, remediate

Run = Callable[..., Ended]
"""Runs `remediate` with these arguments. The keywords are environment variables."""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    scenario = tmp_path_factory.mktemp("bad-input") / "scenario.yaml"
    scenario.write_text(json.dumps(SCENARIO), encoding="utf-8")
    with SimulatorProcess(scenario) as process:
        yield process


@pytest.fixture
def azure(cloud: SimulatorProcess) -> Iterator[SimulatorProcess]:
    """The cloud with an empty log. At the end it checks that nothing was written."""
    cloud.clear_log()
    yield cloud
    assert cloud.writes() == []


@pytest.fixture
def run(azure: SimulatorProcess, tmp_path: Path) -> Run:
    """Run a command in an empty folder.

    `env` adds to the simulator's environment. None removes a variable.
    """

    def begin(*arguments: str, **env: str | None) -> Ended:
        merged = environment(azure, tmp_path / "state") | env
        given = {name: value for name, value in merged.items() if value is not None}
        return remediate(*arguments, env=given, cwd=tmp_path)

    return begin


@pytest.fixture
def here(
    azure: SimulatorProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Like `run`, but without a process of its own: many cases differ only in one argument."""
    for name in list(os.environ):
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def begin(*arguments: str, **env: str | None) -> Ended:
        for name, value in (environment(azure, tmp_path / "state") | env).items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)
        code = call(list(arguments))
        return Ended(code, *capsys.readouterr())

    return begin
