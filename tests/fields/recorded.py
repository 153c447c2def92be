"""Recorded traffic of real Azure: how many answers of a kind have a field."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.dropout.drops import present
from tests.dropout.kinds import ANY, EACH, HEADER, Field, kind_of
from tests.places import RECORDINGS

_COMPARABLE = ("microsoft.recoveryservices/vaults/backupjobs", "2024-04-01")
"""Jobs of VMs count only from this api-version on. Older versions differ."""


@dataclass(frozen=True)
class Recorded:
    """How often a field was recorded."""

    with_it: int
    of: int
    """The answers of its kind. For a field in a list, the rows of the list. Answers and rows of
    other workloads do not count."""
    file: str
    """The first file that has the field. If none has it, the first that could have had it."""


@dataclass
class _Kind:
    answers: int = 0
    rows: int = 0
    counts: dict[tuple[str, ...], int] = field(default_factory=dict)
    files: dict[tuple[str, ...], str] = field(default_factory=dict)
    file: str = ""


class Recordings:
    """All recordings, read once."""

    def __init__(self, folder: Path = RECORDINGS) -> None:
        self._kinds: dict[str, _Kind] = {}
        for file, method, url, status, headers, body in _answers(folder):
            kind = kind_of(method, url, status).lower()
            if _comparable(kind, url):
                names: set[tuple[str, ...]] = {(HEADER, name.lower()) for name in headers}
                self._count(kind, file, body, names)
                self._count(ANY, file, None, names)

        for file, job in _jobs_alone(folder):
            self._count(f"get {_COMPARABLE[0]}/{{}}", file, job, set())

    def about(self, field_: Field) -> Recorded | None:
        """The recorded evidence for a field. None if no answer of its kind is recorded."""
        kind = self._kinds.get(field_.kind.lower() if field_.kind != ANY else ANY)
        if kind is None:
            return None
        in_rows = field_.path[:2] == ("value", EACH)
        count = kind.counts.get(field_.path, 0)
        of = kind.rows if in_rows else kind.answers
        return Recorded(count, of, kind.files.get(field_.path, kind.file)) if of else None

    def _count(self, name: str, file: str, body: Any, headers: set[tuple[str, ...]]) -> None:
        kind = self._kinds.setdefault(name, _Kind())
        if isinstance(body, dict) and isinstance(body.get("value"), list):
            rows = [row for row in body["value"] if _of_a_vm(row)]
            kind.rows += len(rows)
            found = [{("value", EACH, *path) for path in present(row)} for row in rows]
            shell = set(present({k: v for k, v in body.items() if k != "value"}))
            found.append(shell | {("value",)} | headers)
        elif body is None or _of_a_vm(body):
            found = [set(present(body)) | headers]
        else:
            return
        kind.answers += 1
        kind.file = kind.file or file
        for paths in found:
            for path in paths:
                kind.counts[path] = kind.counts.get(path, 0) + 1
                kind.files.setdefault(path, file)


def _of_a_vm(row: Any) -> bool:
    """Whether a row is not of another workload of Azure Backup."""
    properties = row.get("properties") if isinstance(row, dict) else None
    if not isinstance(properties, dict):
        return True
    told = properties.get("backupManagementType") or properties.get("objectType") or "IaasVM"
    return "iaasvm" in str(told).lower() or "virtualmachine" in str(told).lower()


def _comparable(kind: str, url: str) -> bool:
    jobs, since = _COMPARABLE
    version = re.search(r"api-version=(\d{4}-\d\d-\d\d)", url)
    return jobs not in kind or bool(version and version[1] >= since)


def _answers(folder: Path) -> Iterator[tuple[str, str, str, int, dict[str, str], Any]]:
    """File, method, URL, status, headers and body of each recorded answer."""
    for path in sorted(folder.glob("azure-powershell/*.json")):
        for each in json.loads(path.read_text("utf-8-sig"))["Entries"]:
            body = each.get("ResponseBody")
            body = _json(body) if isinstance(body, str) else body
            status, headers = int(each["StatusCode"]), each.get("ResponseHeaders") or {}
            yield path.name, each["RequestMethod"], each["RequestUri"], status, headers, body
    for path in sorted(folder.glob("azure-cli/*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            each = json.loads(line)
            if each["status"] is not None:
                yield (
                    path.name,
                    each["method"],
                    each["uri"],
                    each["status"],
                    each["headers"],
                    each["body"],
                )


def _jobs_alone(folder: Path) -> Iterator[tuple[str, Any]]:
    """File and body of each job in a case, if no other recording has an answer with this job."""
    for path in sorted(folder.glob("cases/*.json")):
        told = json.loads(path.read_text("utf-8"))
        if isinstance(told, dict) and "job" in told:
            name = told["job"]["name"]
            others = folder.glob("azure-powershell/*.json")
            if not any(name in other.read_text("utf-8") for other in others):
                yield path.name, told["job"]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
