"""The screens of the commonest situations are kept as text. `make screens` renews them."""

import os
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from remediator.language import LANGUAGES
from remediator.simulator.process import SimulatorProcess
from tests.command import STEP
from tests.views.screens.capture import screen
from tests.views.screens.situations import SITUATIONS, SIZES, Situation

SNAPSHOTS = Path(__file__).parent / "snapshots"
_ID = re.compile(r"/subscriptions/\S+|\b[0-9a-f]{8}-[0-9a-f-]{27}\b")


@pytest.fixture(scope="module")
def azure() -> Iterator[SimulatorProcess]:
    """One simulator for all screens. Each begins with its own scenario."""
    with SimulatorProcess("healthy", time="stepped", step=STEP) as simulator:
        yield simulator


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
def test_a_screen_is_as_it_was(
    situation: Situation, language: str, azure: SimulatorProcess, tmp_path: Path
) -> None:
    taken = []
    for rows, columns in SIZES:
        folder = tmp_path / f"{columns}"
        folder.mkdir()
        azure.reload(situation.place(folder))
        told = screen(situation, azure, folder, (rows, columns), language)
        assert _broken(told) == []
        taken.append(f"{'-' * 10} {columns}x{rows} {'-' * 10}\n{told}")
    path = SNAPSHOTS / f"{situation.name}.{language}.txt"
    if os.environ.get("RENEW_SCREENS"):
        path.write_text("\n".join(taken), "utf-8")
    assert "\n".join(taken) == path.read_text("utf-8"), "look at it; make screens renews it"


def _broken(told: str) -> list[str]:
    """The lines at whose end an id is cut."""
    lines = told.splitlines()
    return [
        line
        for line, after in pairwise(lines)
        if (found := [*_ID.finditer(line)])
        and found[-1].end() == len(line)
        and re.match(r"[0-9a-f/]{4,}[/-]", after)
    ]
