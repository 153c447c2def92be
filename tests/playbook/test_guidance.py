"""The guidance for a person fits the VM's operating system."""

import re
from pathlib import Path
from typing import Any

import pytest

from remediator.playbook.catalogue import read_catalogue
from remediator.playbook.playbook import Playbook
from remediator.simulator.process import SimulatorProcess
from tests.command import environment, remediate
from tests.evidence import scenario

BOOKS = read_catalogue().playbooks
FOREIGN = {
    "linux": re.compile(r"powershell|C:\\|registry|HKLM|w32tm|vssadmin", re.IGNORECASE),
    "windows": re.compile(
        r"/etc/|/var/|systemctl|waagent\.conf|RunShellScript|fsck -|SELinux|chmod|sudo",
        re.IGNORECASE,
    ),
}
"""What is of no use to somebody whose VM has another system."""


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.name)
@pytest.mark.parametrize("system", FOREIGN)
def test_no_guidance_is_for_another_system(book: Playbook, system: str) -> None:
    told = (*book.manual.texts(system), *book.manual.commands_for(system))
    assert all(told)
    assert [line for line in told if FOREIGN[system].search(line)] == []


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.name)
def test_nothing_is_left_out_if_the_system_is_not_known(book: Playbook) -> None:
    for system in FOREIGN:
        assert {*book.manual.texts(system)} <= {*book.manual.texts(None)}
        assert {*book.manual.commands_for(system)} <= {*book.manual.commands_for(None)}


CODE = "UserErrorGuestAgentVersionUnsupported"
TRIED = [{"at": f"{n}h ago", "code": CODE, "user_triggered": True} for n in (6, 5, 4)]
WORDS = {"windows": "aka.ms/WindowsVMAgent", "linux": "python-azure-agent"}


def plan(azure: SimulatorProcess, folder: Path) -> str:
    """The dry run's plan, on one line."""
    ours = ("--job-id", azure.failed_jobs("web")[-1], "--dry-run")
    return " ".join(remediate(*ours, env=environment(azure, folder)).out.split())


@pytest.mark.parametrize("system", WORDS)
def test_a_plan_shows_the_guidance_for_the_vms_system(system: str, tmp_path: Path) -> None:
    vm: dict[str, Any] = {"os": system, "history": [*TRIED, {"at": "3h ago", "code": CODE}]}
    with SimulatorProcess(scenario(tmp_path, vm), time="stepped") as azure:
        told = plan(azure, tmp_path)
        assert {name for name, word in WORDS.items() if word in told} == {system}
        assert "On Windows:" not in told


def test_a_plan_shows_both_if_the_vm_is_gone(tmp_path: Path) -> None:
    vm: dict[str, Any] = {"exists": False, "history": [*TRIED, {"at": "3h ago", "code": CODE}]}
    with SimulatorProcess(scenario(tmp_path, vm), time="stepped") as azure:
        told = plan(azure, tmp_path)
        assert all(word in told for word in WORDS.values())
        assert told.index("On Windows:") < told.index(WORDS["windows"])
        assert told.index(WORDS["windows"]) < told.index("On Linux:") < told.index(WORDS["linux"])
