"""One run per VM at a time. The tests use other processes, and kill some of them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from remediator.errors import StateError
from remediator.run.claims import FileClaims

VM = "/subscriptions/s/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines/web"
PROGRAM = """
import sys
from pathlib import Path
from remediator.run.claims import FileClaims
claims = FileClaims(Path(sys.argv[1]), "run-other")
print(claims.claim(sys.argv[2]), flush=True)
sys.stdin.read()
"""


@contextmanager
def another(folder: Path, vm: str = VM) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another process that tries to claim the VM, and the answer that it got."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), vm],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process:
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def test_a_vm_is_claimed_by_one_process_at_a_time(tmp_path: Path) -> None:
    ours = FileClaims(tmp_path, "run-ours")
    with another(tmp_path) as (process, told):
        assert told == "None"
        assert ours.claim(VM) == f"run-other (process {process.pid})"
        assert ours.claim(VM) == f"run-other (process {process.pid})"


def test_the_same_vm_in_another_casing_is_the_same(tmp_path: Path) -> None:
    with another(tmp_path, VM.upper()):
        assert FileClaims(tmp_path, "run-ours").claim(VM) is not None


def test_another_vm_is_free(tmp_path: Path) -> None:
    with another(tmp_path, VM + "2"):
        assert FileClaims(tmp_path, "run-ours").claim(VM) is None


def test_what_is_released_can_be_claimed(tmp_path: Path) -> None:
    ours = FileClaims(tmp_path, "run-ours")
    assert ours.claim(VM) is None
    assert ours.claim(VM) is None
    with another(tmp_path) as (_, told):
        assert told == f"run-ours (process {os.getpid()})"
    ours.release(VM)
    ours.release(VM)
    with another(tmp_path) as (_, told):
        assert told == "None"


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    ours = FileClaims(tmp_path, "run-ours")
    with another(tmp_path) as (process, told):
        assert told == "None"
        assert ours.claim(VM) is not None
        process.kill()
        process.wait()
        assert ours.claim(VM) is None


def test_only_the_owner_can_read_the_claims(tmp_path: Path) -> None:
    FileClaims(tmp_path, "run-ours").claim(VM)
    assert (tmp_path / "claims").stat().st_mode & 0o077 == 0


def test_no_vm_is_claimed_where_claims_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "claims").write_text("a file stands where the folder should")
    with pytest.raises(StateError, match="cannot tell"):
        FileClaims(tmp_path, "run-ours").claim(VM)
