"""Recorded traffic of real Azure that lies beside the project, as pairs.

It is not part of the project. Tests that need it are skipped if it is absent.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from remediator.recording.pair import Pair, lowered, read_pairs
from tests.places import RECORDINGS

_ONLY_THERE = {"02": "2024-10-01", "05": "2024-10-01", "12": "2025-02-01"}
"""Cases that no other file has, by number, with the API version that was asked for."""


def is_there() -> bool:
    """Whether the recordings are beside the project."""
    return (RECORDINGS / "azure-cli").is_dir()


@cache
def recorded() -> tuple[Pair, ...]:
    """All pairs: those of azure-cli, of Azure PowerShell, and the smallest cases."""
    files = [
        *sorted(RECORDINGS.glob("azure-cli/*.jsonl")),
        *sorted(RECORDINGS.glob("azure-powershell/*.json")),
    ]
    pairs = [pair for file in files for pair in read_pairs(file)]
    for file in sorted(RECORDINGS.glob("cases/*.json")):
        if version := _ONLY_THERE.get(file.name[:2]):
            pairs += _of_case(json.loads(file.read_text(encoding="utf-8")), version)
    return tuple(pairs)


def _of_case(case: dict[str, Any], version: str) -> Iterator[Pair]:
    """The pairs of a case. It holds a request, the trigger of a backup, or a job."""
    if "request" in case:
        method, _, path = case["request"].partition(" ")
        yield _pair(method, path, case["status"], case["body"], case["headers"])
    elif post := case.get("post"):
        item = "backupFabrics/Azure/protectionContainers/C/protectedItems/I/backup"
        path = f"{case['job']['id'].split('/backupJobs')[0]}/{item}?api-version={version}"
        yield _pair("POST", path, 202, None, post["headers"])
    else:
        yield _pair("GET", f"{case['job']['id']}?api-version={version}", 200, case["job"])


def _pair(
    method: str, path: str, status: int, body: Any, headers: dict[str, str] | None = None
) -> Pair:
    return Pair(
        method=method,
        uri=f"https://management.azure.com{path}",
        status=status,
        headers=lowered(headers or {}),
        body=body,
    )
