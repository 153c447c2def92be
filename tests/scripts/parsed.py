"""The Windows scripts as trees of a grammar of PowerShell, and the programs that each may run."""

import re
from collections.abc import Iterator
from pathlib import Path

import tree_sitter
import tree_sitter_powershell

from tests.places import SCRIPTS

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
WINDOWS = sorted(SCRIPTS.glob("*.ps1"))

PROGRAMS = {
    "com-memory-quota": {"reg.exe"},
    "diagnose-windows": {"vssadmin.exe"},
    "machine-keys": {"icacls.exe"},
    "provider-reinstall": {"reg.exe"},
    "reinstall-extension": {"reg.exe"},
    "reinstall-msdtc": {"reg.exe", "msdtc.exe"},
    "snapshot-method": {"reg.exe"},
    "snapshot-without-threads": {"reg.exe"},
    "strong-crypto": {"reg.exe"},
    "system-proxy": {"reg.exe", "bitsadmin.exe"},
    "vss-service": {"vssadmin.exe"},
    "vss-writers": {"vssadmin.exe"},
    "windows-installer": {"reg.exe", "msiexec.exe", "$setup"},
}


def nodes(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    yield node
    for child in node.children:
        yield from nodes(child)


def parsed(path: Path) -> tuple[bytes, tree_sitter.Node]:
    text = path.read_bytes()
    return text, PARSER.parse(text).root_node


def said(node: tree_sitter.Node) -> str:
    """The text of the node."""
    assert node.text is not None
    return node.text.decode("ascii")


def of_type(path: Path, *types: str) -> list[tree_sitter.Node]:
    _, root = parsed(path)
    return [node for node in nodes(root) if node.type in types]


def tasks(path: Path) -> list[bytes]:
    """The programs that a script gives to a task of Windows: its here-strings."""
    return re.findall(rb"@'\n((?s:.*?))\n'@", path.read_bytes())
