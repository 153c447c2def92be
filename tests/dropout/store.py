"""The results of the suite, one file per case, so that a stopped suite can go on."""

import json
import re
from pathlib import Path
from typing import Any

from tests.dropout.drops import How
from tests.dropout.kinds import Field
from tests.dropout.suite import Finished, Run


class Store:
    """A folder of results."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def has(self, name: str) -> bool:
        """Whether the result of a case is there."""
        return self._file(name).exists()

    def put(self, finished: Finished) -> None:
        """Keep the result of a case."""
        runs = [
            [r.field.kind, r.field.path, r.how, r.kind, r.said, r.hang, r.complaints]
            for r in finished.runs
        ]
        told = {
            "name": finished.name,
            "fix": finished.fix,
            "full": finished.full,
            "recovered": finished.recovered,
            "runs": runs,
        }
        new = self._file(finished.name).with_suffix(".new")
        new.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
        new.replace(self._file(finished.name))

    def all(self) -> list[Finished]:
        """The results of all cases, by name."""
        return [
            _finished(json.loads(p.read_text("utf-8"))) for p in sorted(self._folder.glob("*.json"))
        ]

    def forget(self) -> None:
        """Delete all results."""
        for path in self._folder.glob("*.json"):
            path.unlink()

    def _file(self, name: str) -> Path:
        return self._folder / (re.sub(r"[^A-Za-z0-9]+", "-", name)[:150] + ".json")


def _finished(told: dict[str, Any]) -> Finished:
    runs = (
        Run(Field(kind, tuple(path)), How(how), went, said, tuple(hang), tuple(complaints))
        for kind, path, how, went, said, hang, complaints in told["runs"]
    )
    return Finished(told["name"], told["fix"], told["full"], told["recovered"], tuple(runs))
