"""The smallest cases: findings that were cut out of recordings, each file in its own shape.

A case that holds the answer to a request becomes a pair. Other cases (a table of numbers, an alert,
a part of an item) are skipped.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.conformance.cassette import Pair

HOST = "https://management.azure.com"
BARE = "2024-04-01"
"""The api-version of the cases with a single job. Both are rows of one list of April 2024."""
POLLED = (
    "/subscriptions/S/resourceGroups/G/providers/Microsoft.RecoveryServices/vaults/V"
    "/backupOperations/O?api-version=2020-10-01"
)
"""The request of the recorded transient errors. The case itself does not repeat it."""


def pairs_of(case: Any, path: Path) -> Iterator[Pair]:
    """The pairs of a case that was read from `path`.

    Raises:
        ValueError: the case has none of the known shapes.
    """
    version = re.search(r"api-version (\d{4}-\d\d-\d\d)", str(case))
    asked = version[1] if version else BARE
    match case:
        case {"request": str(request), "status": int(status), "body": body}:
            method, _, target = request.partition(" ")
            headers = {name.lower(): value for name, value in case.get("headers", {}).items()}
            url = target if "api-version=" in target else f"{target}?api-version="
            yield Pair(method, f"{HOST}{url}", status, headers, "", body, path.name)
        case {"rows": [{"id": str(first)}, *_] as rows}:
            yield _got(first.rpartition("/")[0], asked, {"value": rows}, path)
        case {"job": {"id": str(job)} as body}:
            yield _got(job, asked, body, path)
        case {"id": str(job), "properties": dict()}:
            yield _got(job.rpartition("/")[0], asked, {"value": [case]}, path)
        case [{"status": int(), "body": dict()}, *_]:
            for each in case:
                yield Pair("GET", HOST + POLLED, each["status"], {}, "", each["body"], path.name)
        case [{"number": int(), "code": str()}, *_] | {"source": str()}:
            return
        case _:
            raise ValueError("neither Entries nor a known shape of a case")


def _got(target: str, version: str, body: Any, path: Path) -> Pair:
    return Pair("GET", f"{HOST}{target}?api-version={version}", 200, {}, "", body, path.name)
