"""The page `docs/performance.md`. A part that was not measured again stays as it is."""

import os
import platform
import re
from pathlib import Path
from typing import Final

from benchmarks.part import Part
from tests.places import DOCS

PAGE: Final = DOCS / "performance.md"

_HEAD: Final = """# Performance

`make bench` writes this page. It runs the tool against the simulator, which is a process of its own
on the same machine; nothing ran on live Azure. Where a table has a rival, both ran in the same
rounds. Times differ from machine to machine and from minute to minute, so the ratios count. A
figure is the median of its rounds; the least and the greatest follow it. CPU is the time of the
processor, in the process and those that it started. The simulator's own cost is no part of it, but
the simulator shares the machine.
"""


def write(measured: dict[str, str], parts: tuple[Part, ...], page: Path = PAGE) -> None:
    """Write the page: what was measured now, and what the page already says of the other parts."""
    kept = _sections(page.read_text("utf-8")) if page.exists() else {}
    sections = kept | measured
    told = [
        f"<!-- {part.name} -->\n## {part.title}\n\n{sections[part.name].strip()}\n"
        for part in parts
        if part.name in sections
    ]
    page.write_text("\n".join([_HEAD, *told]), encoding="utf-8")


def _sections(text: str) -> dict[str, str]:
    found = re.split(r"^<!-- ([\w-]+) -->\n## .*\n", text, flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


def machine(rounds: int) -> str:
    """The line that says where a part was measured."""
    return (
        f"*{os.cpu_count()} cores, Python {platform.python_version()}, "
        f"{rounds} round{'s' if rounds > 1 else ''}.*"
    )
