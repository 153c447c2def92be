"""A summary as SARIF 2.1.0, for tools that collect findings: a result for each VM that is not well.

A VM lies in no source file. Its place is a logical location, named by its ARM id.
"""

import hashlib
from datetime import UTC, datetime
from typing import Any, Final

from remediator.ids import normal
from remediator.json_text import json_of
from remediator.report.batch import Standing
from remediator.report.summary import Row, Summary
from remediator.version import __version__
from remediator.views.headline import english_headline
from remediator.views.plain import plain

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
"""The schema of the standard with its first errata (OASIS, 2023)."""

_LEVEL: Final = {
    Standing.NOT_FIXED: "error",
    Standing.LOCK_OFF: "error",
    Standing.HUMAN: "error",
    Standing.NOT_REMEDIABLE: "error",
    Standing.NOT_CHECKED: "error",
    Standing.PENDING: "warning",
    Standing.CONSENT: "warning",
    Standing.REFUSED: "warning",
    Standing.NOT_REACHED: "warning",
    Standing.QUEUED: "note",
}


def summary_sarif(summary: Summary) -> str:
    """The summary as SARIF."""
    rows = [row for row in summary.rows if not row.well]
    rules = {rule: index for index, rule in enumerate(dict.fromkeys(map(_rule, rows)))}
    run = {
        "tool": {
            "driver": {
                "name": "remediate",
                "version": __version__,
                "rules": [{"id": rule} for rule in rules],
            }
        },
        "invocations": [
            {
                "executionSuccessful": not summary.interrupted,
                "startTimeUtc": _moment(summary.started),
                "endTimeUtc": _moment(summary.ended),
            }
        ],
        "results": [_result(row, rules[_rule(row)]) for row in rows],
        "properties": {"summary": english_headline(summary.counts)},
    }
    return json_of({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(row: Row) -> str:
    """The failure's code. Without one, the standing."""
    return plain(row.code or row.standing.value)


def _result(row: Row, index: int) -> dict[str, Any]:
    place = row.vm_id or row.job or row.vault or row.name
    lasting = row.vm_id or f"{row.vault}/{row.name}"
    sentences = (
        f"{row.name}: {row.standing.value}: {row.why}",
        f"Remedy: {row.remedy}" if row.remedy else None,
        *(f"Next: {line}" for line in row.next),
    )
    seen = hashlib.sha256(f"{normal(plain(lasting))}\n{_rule(row)}".encode()).hexdigest()
    return {
        "ruleId": _rule(row),
        "ruleIndex": index,
        "level": _LEVEL[row.standing],
        "message": {"text": "\n".join(_message(text) for text in sentences if text)},
        "locations": [
            {
                "logicalLocations": [
                    {
                        "name": plain(row.name),
                        "fullyQualifiedName": plain(place),
                        "kind": "resource",
                    }
                ]
            }
        ],
        "partialFingerprints": {"resourceAndCode/v1": seen},
        "properties": _properties(row),
    }


def _message(text: str) -> str:
    """The text of a message. SARIF takes single braces for places, and `[text](target)` for a link.

    OASIS, "SARIF Version 2.1.0", messages with placeholders and with embedded links.
    """
    return plain(text).replace("{", "{{").replace("}", "}}").replace("](", "\\](")


def _properties(row: Row) -> dict[str, Any]:
    return {
        "standing": row.standing.value,
        "why": plain(row.why),
        "subscription": plain(row.subscription),
        "resourceGroup": plain(row.group),
        "vault": plain(row.vault),
        "job": plain(row.job),
        "failedAt": _moment(row.failed_at),
        "lastGoodPoint": _moment(row.last_good),
        "remedy": plain(row.remedy) if row.remedy else None,
        "impacts": list(row.impacts),
        "next": [plain(line) for line in row.next],
        "runId": row.run_id,
        "correlationIds": [plain(each) for each in row.correlation_ids],
    }


def _moment(moment: datetime | None) -> str | None:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z" if moment else None
