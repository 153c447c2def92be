"""The script that takes rights off the scripts of a backup. It really runs, in a sandbox."""

import json
import shutil
from pathlib import Path

import pytest

from tests.scripts.sandbox import Guest

PLUGIN = "/etc/azure/VMSnapshotScriptPluginConfig.json"
PRE, POST = "/etc/azure/pre.sh", "/etc/azure/post.sh"


@pytest.fixture
def guest(tmp_path: Path) -> Guest:
    return Guest(tmp_path / "root")


def scripted(guest: Guest, mode: int = 0o755, **paths: str) -> None:
    """A configuration of a pre-script and a post-script, and both scripts."""
    for path in (PRE, POST):
        guest.write(path, "#!/bin/sh\n").chmod(mode)
    named = {"preScriptLocation": PRE, "postScriptLocation": POST} | paths
    text = json.dumps({name: guest.here(path) for name, path in named.items()})
    guest.write(PLUGIN, text).chmod(0o644)
    for folder in (guest.root, guest.path("/etc"), guest.path("/etc/azure")):
        folder.chmod(0o755)


def modes(guest: Guest) -> list[str]:
    """The modes of both scripts and of their configuration."""
    return [f"{guest.path(p).stat().st_mode & 0o7777:o}" for p in (PRE, POST, PLUGIN)]


def test_the_scripts_of_a_backup_are_for_root_alone(guest: Guest) -> None:
    scripted(guest)
    before = guest.files()
    said = guest.run("script-permissions").fine()
    assert modes(guest) == ["700", "700", "600"]
    assert len(said.changed) == 3
    again = guest.run("script-permissions").fine()
    assert (again.changed, again.answer["undo"]) == ([], None)
    guest.undo(said)
    assert modes(guest) == ["755", "755", "644"]
    assert {f: c for f, c in guest.files().items() if "remediate" not in f} == before


@pytest.mark.parametrize("mode", [0o700, 0o600, 0o500])
def test_scripts_that_the_extension_accepts_stay_as_they_are(guest: Guest, mode: int) -> None:
    scripted(guest, mode)
    guest.path(PLUGIN).chmod(0o600)
    assert guest.run("script-permissions").fine().changed == []
    assert modes(guest) == [f"{mode:o}", f"{mode:o}", "600"]


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o722])
def test_a_script_that_others_could_have_written_is_not_made_roots(guest: Guest, mode: int) -> None:
    scripted(guest)
    guest.path(PRE).chmod(mode)
    said = guest.run("script-permissions")
    assert "A person must review it first" in said.problem
    assert modes(guest) == [f"{mode:o}", "700", "600"]


@pytest.mark.parametrize(
    ("folder", "mode"), [("/etc/azure", 0o777), ("/etc/azure", 0o775), ("/etc", 0o757)]
)
def test_nothing_is_trusted_below_a_folder_that_others_can_write(
    guest: Guest, folder: str, mode: int
) -> None:
    scripted(guest)
    guest.path(folder).chmod(mode)
    assert "not trusted" in guest.run("script-permissions").problem
    assert modes(guest) == ["755", "755", "644"]


def test_a_configuration_that_others_could_have_written_names_nothing(guest: Guest) -> None:
    scripted(guest)
    guest.path(PLUGIN).chmod(0o666)
    assert "not trusted" in guest.run("script-permissions").problem
    assert modes(guest) == ["755", "755", "666"]


def test_a_file_of_another_owner_is_not_made_roots(guest: Guest) -> None:
    scripted(guest)
    real = shutil.which("stat")
    guest.pretend(
        "stat", f'case "$*" in *"%u %a"*post.sh) echo "1000 755" ;; *) exec {real} "$@" ;; esac'
    )
    said = guest.run("script-permissions")
    assert "its owner is not root" in said.problem
    assert modes(guest) == ["700", "755", "600"]


@pytest.mark.parametrize(
    "path",
    [
        "/etc/azure/gone.sh",
        "/etc/azure",
        "/etc/azure/link.sh",
        "/etc/azure/../azure/pre.sh",
        "/etc/azure/a'b.sh",
        "pre.sh",
    ],
)
def test_a_name_that_is_no_plain_file_is_told(guest: Guest, path: str) -> None:
    scripted(guest, postScriptLocation=path)
    guest.write("/etc/passwd", "root").chmod(0o644)
    guest.path("/etc/azure/link.sh").symlink_to(guest.path("/etc/passwd"))
    guest.write("/etc/azure/a'b.sh", "").chmod(0o755)
    said = guest.run("script-permissions")
    assert "A person must review it first" in said.problem
    assert modes(guest) == ["700", "755", "600"]
    assert guest.path("/etc/passwd").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_a_configuration_that_is_not_understood_names_nothing(guest: Guest, text: str) -> None:
    scripted(guest)
    guest.write(PLUGIN, text)
    assert "not JSON" in guest.run("script-permissions").problem
    assert modes(guest) == ["755", "755", "644"]
