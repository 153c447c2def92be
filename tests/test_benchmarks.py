"""Each part of the benchmark runs, with tiny sizes, and writes its section of the page."""

from pathlib import Path

import pytest

from benchmarks.__main__ import PARTS, main
from benchmarks.document import write
from tests.postgres import programs


@pytest.mark.parametrize("name", [part.name for part in PARTS])
def test_a_part_runs(name: str, tmp_path: Path) -> None:
    if name == "workers" and programs() is None:
        pytest.skip("PostgreSQL is not installed")
    page, az = tmp_path / "performance.md", tmp_path / "az"
    az.write_text('#!/bin/sh\necho "$@" >> "$0.asked"\n', encoding="utf-8")
    az.chmod(0o700)
    asked = ["--only", name, "--rounds", "1", "--tiny", "--az", str(az), "--page", str(page)]
    assert main(asked) == 0
    [title] = [part.title for part in PARTS if part.name == name]
    assert f"## {title}" in page.read_text("utf-8")
    if name == "by-hand":
        told = Path(f"{az}.asked").read_text("utf-8")
        assert told.count("backup job show") == 2
        assert told.count("lock list -g AzureBackupRG_westeurope_1") == 2


def test_a_part_that_is_not_measured_again_stays_on_the_page(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    write({"one-job": "old", "start-up": "old"}, PARTS, page)
    write({"one-job": "new"}, PARTS, page)
    text = page.read_text("utf-8")
    assert text.index("## Start-up\n\nold") < text.index("## The dry run of one job\n\nnew")
    write({"one-job": "new"}, PARTS, page)
    assert page.read_text("utf-8") == text
