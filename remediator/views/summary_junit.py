"""A summary as JUnit XML, for the test pages of a CI: a case for each VM.

The structure is what Jenkins's schema of JUnit files allows: `testsuites`, `testsuite`, `testcase`.
"""

from datetime import UTC
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from remediator.report.batch import Standing
from remediator.report.summary import Row, Summary
from remediator.views.headline import english_headline
from remediator.views.plain import plain

_RESULT: Final = {
    Standing.FIXED: None,
    Standing.NOTHING_TO_DO: None,
    Standing.PENDING: "skipped",
    Standing.QUEUED: "skipped",
    Standing.CONSENT: "skipped",
    Standing.REFUSED: "skipped",
    Standing.NOT_REACHED: "skipped",
    Standing.HUMAN: "failure",
    Standing.NOT_FIXED: "failure",
    Standing.NOT_REMEDIABLE: "failure",
    Standing.NOT_CHECKED: "error",
    Standing.LOCK_OFF: "error",
}
"""The result of the case for each standing. None: the case has passed."""


def summary_junit(summary: Summary) -> str:
    """The summary as JUnit XML. A job for whose VM another job stands is left out."""
    rows = [row for row in summary.rows if row.counts]
    results = [_RESULT[row.standing] for row in rows]
    seconds = f"{(summary.ended - summary.started).total_seconds():.3f}"
    total = {
        "name": "remediate",
        "tests": str(len(rows)),
        "failures": str(results.count("failure")),
        "errors": str(results.count("error")),
        "time": seconds,
    }
    root = Element("testsuites", total)
    began = f"{summary.started.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
    skipped = {"skipped": str(results.count("skipped")), "timestamp": began}
    suite = SubElement(root, "testsuite", total | skipped)
    told = {
        "summary": english_headline(summary.counts),
        "interrupted": "true" if summary.interrupted else "false",
    }
    properties = SubElement(suite, "properties")
    for name, value in told.items():
        SubElement(properties, "property", {"name": name, "value": value})
    for row in rows:
        _case(suite, row)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _case(suite: Element, row: Row) -> None:
    place = "/".join(filter(None, (row.subscription, row.group))) or "unknown"
    named = {"classname": plain(place), "name": plain(row.name), "time": "0"}
    case = SubElement(suite, "testcase", named)
    lines = "\n".join(f"{label}: {plain(value)}" for label, value in _details(row) if value)
    result = _RESULT[row.standing]
    if result is not None:
        why = {"type": row.standing.value, "message": plain(row.why or row.standing.value)}
        told = SubElement(case, result, why)
        if result != "skipped":
            told.text = lines
            return
    SubElement(case, "system-out").text = lines


def _details(row: Row) -> list[tuple[str, str | None]]:
    return [
        ("standing", row.standing.value),
        ("code", row.code),
        ("why", row.why),
        ("remedy", row.remedy),
        ("impact", ", ".join(row.impacts)),
        *(("next", line) for line in row.next),
        ("VM", row.vm_id),
        ("vault", row.vault),
        ("job", row.job),
        ("last good point", row.last_good.isoformat() if row.last_good else None),
        ("run", row.run_id),
        ("correlation ids", " ".join(row.correlation_ids)),
    ]
