"""The operator's own playbooks: each mistake is reported with its file and line."""

from pathlib import Path

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.cli.bad_input.conftest import Run
from tests.cli.bad_input.estate import JOB
from tests.complaints import complaint, complaints

GOOD = """\
codes: [OwnCode]
title: A playbook
sources: [https://example.invalid]
causes: [none]
ladder:
  - rung: try
    title: Back up
    when: {vm: present}
    steps:
      - action: back-up-now
manual:
  text: Look at it.
  commands:
    - az vm show --ids {vm}
"""

SLIPS = {
    "a code claimed twice": ("a", "OwnCode", "every code belongs to exactly one playbook", 1),
    "a key twice": ("title: A playbook", "title: A\ntitle: B", "duplicate key", 3),
    "an unknown key": ("title: A playbook", "title: A\nname: B", "name: Extra inputs", 3),
    "an unknown action": ("back-up-now", "fly", "'fly' found using 'action'", 10),
    "an unknown condition": ("vm: present", "moon: full", "unknown condition 'moon'", 8),
    "a wrong value": ("vm: present", "vm: maybe", "vm is never 'maybe'", 8),
    "an unquoted number": ("[OwnCode]", "[400001]", "codes.0: Input should be a valid string", 1),
    "a tab": ("    title: Back up", "\ttitle: Back up", "cannot start any token", 7),
    "a placeholder in quotes": ("{vm}", "'{vm}'", "standing alone", 14),
    "a placeholder in a quoted command": ("az vm", 'sh -c "az {vm} "', "standing alone", 14),
    "an unknown placeholder": ("{vm}", "{secret}", "standing alone", 14),
    "an open quote": ("{vm}", "'x", "standing alone", 14),
    "no steps": ("\n      - action: back-up-now", " []", "ladder.0.steps", 9),
    "an action twice": ("now\n", "now\n      - action: back-up-now\n", "each action once", 11),
    "a control character": ("A playbook", "A \x07", "special characters are not allowed", 1),
    "an origin": ("title:", "origin: built-in\ntitle:", "not written by a playbook's author", 2),
    "a list": (GOOD, "- codes\n", "a playbook is a mapping", 1),
    "nothing": (GOOD, "", "a playbook is a mapping", 1),
    "an anchor in itself": ("[none]", "&a [*a]", "", 4),
}


@pytest.mark.parametrize(
    ("was", "is_now", "says", "line"), [pytest.param(*v, id=k) for k, v in SLIPS.items()]
)
def test_a_slip_in_a_playbook_is_told_with_file_and_line(
    here: Run, tmp_path: Path, was: str, is_now: str, says: str, line: int
) -> None:
    folder = tmp_path / "playbooks"
    folder.mkdir()
    slipped = folder / "slipped.yaml"
    slipped.write_text(GOOD.replace(was, is_now, 1), encoding="utf-8")
    if was == "a":
        slipped.write_text(GOOD, encoding="utf-8")
        (folder / "first.yaml").write_text(GOOD.replace("Own", "own"), encoding="utf-8")
    said = complaints(here("--job-id", JOB, "--playbooks", str(folder)), 64)
    assert any(row.startswith(f"{slipped}:{line}: ") and says in row for row in said), said


def test_every_slip_of_every_playbook_is_told_at_once(
    azure: SimulatorProcess, here: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "playbooks"
    folder.mkdir()
    several = GOOD.replace("title: A playbook", "titel: A").replace("vm: present", "moon: full")
    several = several.replace("--ids {vm}", "--ids '{vm}'").replace("back-up-now", "fly")
    (folder / "a.yaml").write_text(several, encoding="utf-8")
    (folder / "b.yml").write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff")
    (folder / "c.yaml").mkdir()
    (folder / "d.yaml").write_text(GOOD.replace("text: Look", "text: [Look"), encoding="utf-8")
    said = complaints(here("--job-id", JOB, "--playbooks", str(folder)), 64)
    at = [tuple(line.split(": ")[0].rsplit("/", 1)[1].split(":")) for line in said]
    assert [name for name, _ in at] == ["a.yaml"] * 5 + ["b.yml", "c.yaml", "d.yaml"]
    assert {line for name, line in at if name == "a.yaml"} == {"1", "2", "8", "10", "14"}
    assert azure.requests() == []


def test_a_folder_of_playbooks_that_is_not_there(here: Run, tmp_path: Path) -> None:
    said = complaint(here("--job-id", JOB, "--playbooks", str(tmp_path / "absent")), 64)
    assert said.startswith(f"{tmp_path / 'absent'}: no such folder")


def test_a_folder_of_playbooks_may_be_linked_and_link_within_itself(
    here: Run, tmp_path: Path
) -> None:
    """A mounted volume of Kubernetes has such links."""
    real = tmp_path / "real" / "..data"
    real.mkdir(parents=True)
    (real / "own.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "real" / "own.yaml").symlink_to(Path("..data") / "own.yaml")
    (tmp_path / "books").symlink_to(tmp_path / "real")
    assert "1 playbooks" in here("playbooks", "validate", str(tmp_path / "books")).out
