"""Take a screen: run a command on a terminal of a size, and make its text the same each time."""

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final

from remediator.simulator.process import SimulatorProcess
from tests.evidence import until
from tests.terminal import Terminal
from tests.views.screens.situations import Situation

_ESCAPES: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|[^\n]*\r(?!\n)|\r")
_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME: Final = re.compile(r"20\d\d-\d\d-\d\d(?:([ T])\d\d:\d\d(:\d\d)?)?")
_VARYING: Final = (
    (re.compile(r"plan-[0-9a-f]{24}"), "plan-" + "0" * 24),
    (re.compile(r"\brun-[0-9a-z-]+"), "run-0"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:10000"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "0" * 64),
    (re.compile(r"\b\d+:\d\d\b(?!:)"), "0:00"),
    # How many backups began today depends on the time of day.
    (re.compile(r"(UTC\) ?[^:：0-9]*[:：] ?)\d+"), r"\g<1>1"),
)


def screen(
    situation: Situation, azure: SimulatorProcess, folder: Path, size: tuple[int, int], lang: str
) -> str:
    """The lines that the command has written, without colours and without what varies."""
    arguments = [*situation.arguments(azure), "--lang", lang]
    with Terminal(azure, folder, *arguments, size=size) as terminal:
        if situation.keys:
            until(terminal.asked, "the question")
            terminal.type(situation.keys.encode())
        code = terminal.end()
    return "\n".join((*_settled(terminal.said, folder), f"[exit {code}]", ""))


def _settled(said: str, folder: Path) -> Iterator[str]:
    guids, number = dict[str, str](), count(1)
    text = _ESCAPES.sub("", said).replace(str(folder), "/state")
    for line in text.split("\n"):
        told = _TIME.sub(_moment, line)
        for pattern, instead in _VARYING:
            told = pattern.sub(instead, told)
        for guid in _GUID.findall(told):
            if guid not in guids:
                guids[guid] = f"00000000-0000-0000-0000-{next(number):012}"
            told = told.replace(guid, guids[guid])
        yield told.rstrip()


def _moment(match: re.Match[str]) -> str:
    between, seconds = match[1], match[2]
    return "2026-01-02" + (f"{between}03:04" if between else "") + (":05" if seconds else "")
