"""Saved results, read again: a plan, a report, a batch, a scan, or a former run as JSON."""

import json
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from remediator.errors import BadInputError, PlanFileError
from remediator.plan.plan import Plan, check_seal
from remediator.record.scans import read_scan
from remediator.report.batch import Batch
from remediator.report.estate import Estate
from remediator.report.report import Report
from remediator.report.runs import Story

Saved = Plan | Report | Batch | Estate | Story

_KINDS: Final[tuple[tuple[str, type[Saved], frozenset[str]], ...]] = (
    ("scan", Estate, frozenset(("head", "targets", "subscriptions"))),
    ("batch", Batch, frozenset(("started", "targets"))),
    ("run", Story, frozenset(("run_id", "state", "entries"))),
    ("report", Report, frozenset(("run_id", "verdict", "outcomes"))),
    ("plan", Plan, frozenset(("plan_id", "steps"))),
)
"""Each kind of file, and the keys by which it is known. The first kind that fits counts."""

_VERSION: Final = "1"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")


def read_saved(path: Path) -> Saved:
    """What a file holds. The content decides, not the name; it may be packed with gzip.

    Raises:
        BadInputError: the file cannot be read, holds something else or another version, or is a
            plan that was altered.
    """
    raw = read_scan(path)
    try:
        # PowerShell writes `>` in UTF-16, with a mark at the beginning.
        text = raw.decode("utf-16" if raw.startswith(_UTF_16) else "utf-8-sig")
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise BadInputError(f"{path}: {_OTHER}") from None
    return _parsed(content, path)


_OTHER: Final = (
    "holds no result of this tool; expected the JSON of a plan, a report, a batch, a scan or a "
    "run, as -o json writes it"
)


def _parsed(content: Any, path: Path) -> Saved:
    keys = content.keys() if isinstance(content, dict) else frozenset[str]()
    fitting = ((name, kind) for name, kind, known_by in _KINDS if known_by <= keys)
    name, kind = next(fitting, ("", None))
    if kind is None:
        raise BadInputError(f"{path}: {_OTHER}")
    if content.get("schema_version") != _VERSION:
        raise BadInputError(
            f"{path}: a {name} of another schema_version; this version reads {_VERSION}"
        )
    try:
        found = kind.model_validate_json(json.dumps(content))
        if isinstance(found, Plan):
            check_seal(found, str(path))
    except ValidationError as error:
        at = ".".join(map(str, error.errors(include_url=False, include_input=False)[0]["loc"]))
        raise BadInputError(
            f"{path}: a {name} that this version cannot read ({at or 'the file'})"
        ) from None
    except PlanFileError as error:
        raise BadInputError(str(error)) from None
    return found
