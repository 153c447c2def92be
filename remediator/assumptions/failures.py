"""Assumptions about the errors in a VM's failed job."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from remediator.assumptions.assumption import Area, Assumption, Counts, every, some
from remediator.assumptions.seen import Seen, Thing

_SYMBOL: Final = re.compile(r"[A-Z][A-Za-z0-9]{5,}")


def _failed(seen: Seen, *, in_list: bool) -> list[Thing]:
    return [
        job
        for job in seen.vm_jobs
        if job.in_list is in_list and job.text("properties", "status") == "Failed"
    ]


def _tells_errors(job: Thing) -> bool:
    return bool(job.rows("properties", "errorDetails"))


def _title(error: dict[str, Any]) -> str:
    title = error.get("errorTitle")
    return title if isinstance(title, str) else ""


def _numbered(node: Any) -> Iterator[tuple[int, str]]:
    """Number and symbol of each error or health detail, anywhere in an answer."""
    match node:
        case {"errorCode": int(number), "errorTitle": str(title)} if title:
            yield number, title
        case {"code": int(number), "title": str(title)} if title:
            yield number, title
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from _numbered(child)


def _numbers(seen: Seen) -> Counts:
    """Whether a number always has the same symbol. The number 0 is left out."""
    titles: dict[int, set[str]] = defaultdict(set)
    for pair in seen.pairs:
        for number, title in _numbered(pair.body):
            if number:
                titles[number].add(title)
    told = ", ".join(f"{number} {min(found)}" for number, found in sorted(titles.items())[:4])
    return Counts(
        sum(len(found) == 1 for found in titles.values()),
        sum(len(found) > 1 for found in titles.values()),
        told + (", ..." if len(titles) > 4 else ""),
    )


def _restored_points(seen: Seen) -> Counts:
    """Whether the time that a restore names is the time of a listed point, in UTC."""
    listed: dict[str, set[datetime]] = defaultdict(set)
    for point in seen.points:
        when = _moment(point.text("properties", "recoveryPointTime")[:19], "%Y-%m-%dT%H:%M:%S")
        name = re.search(r"(?i)iaasvmcontainerv2;[^;/]+;[^;/]+", point.text("id"))
        if when and name:
            listed[name[0].lower()].add(when)
    holds = breaks = 0
    for job in seen.vm_jobs:
        named = job.text("properties", "extendedInfo", "propertyBag", "Recovery point time ")
        when = _moment(named, "%m/%d/%Y %I:%M:%S %p")
        points = listed.get(job.text("properties", "containerName").lower(), set())
        if when is None:
            continue
        holds += when in points
        breaks += when not in points and any(
            when + timedelta(hours=hours) in points for hours in range(-14, 15)
        )
    return Counts(holds, breaks)


def _moment(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 - both sides are compared as UTC
    except ValueError:
        return None


ASSUMPTIONS: Final = (
    Assumption(
        "row-tells-errors",
        Area.FAILURES,
        "A row of a failed VM job has the errorDetails, as the detail has.",
        "Otherwise each failed job takes a request of its own.",
        lambda seen: every(_failed(seen, in_list=True), _tells_errors),
    ),
    Assumption(
        "detail-tells-errors",
        Area.FAILURES,
        "The detail of a failed VM job has errorDetails.",
        "Without them there is no code, and no playbook.",
        lambda seen: every(_failed(seen, in_list=False), _tells_errors),
    ),
    Assumption(
        "title-is-the-code",
        Area.FAILURES,
        "The errorTitle of a VM job's error is the symbolic code.",
        "The playbook is chosen by it.",
        lambda seen: every(
            seen.error_details(),
            lambda found: _SYMBOL.fullmatch(_title(found[1])) is not None,
            lambda found: _title(found[1]),
        ),
    ),
    Assumption(
        "code-is-a-number",
        Area.FAILURES,
        "The errorCode of a VM job's error is a number.",
        "Numbers are looked up where there is no symbol.",
        lambda seen: every(
            seen.error_details(), lambda found: isinstance(found[1].get("errorCode"), int)
        ),
    ),
    Assumption(
        "one-number-one-code",
        Area.FAILURES,
        "A number goes with one symbolic code, in jobs and in the health of items.",
        "Otherwise a number alone could not be understood.",
        _numbers,
    ),
    Assumption(
        "error-has-a-sentence",
        Area.FAILURES,
        "An error of a VM's job has a sentence in errorString and recommendations.",
        "They are shown to a human where no playbook fits.",
        lambda seen: every(
            seen.error_details(),
            lambda found: (
                bool(found[1].get("errorString"))
                and isinstance(found[1].get("recommendations"), list)
            ),
        ),
    ),
    Assumption(
        "cancelled-job-has-no-error",
        Area.FAILURES,
        "A cancelled VM job has no errorDetails.",
        "It is not taken for a failure with an unknown code.",
        lambda seen: every(
            [job for job in seen.vm_jobs if job.text("properties", "status") == "Cancelled"],
            lambda job: not _tells_errors(job),
        ),
    ),
    Assumption(
        "dynamic-message",
        Area.FAILURES,
        "The detail of a failed VM job may tell more in dynamicErrorMessage.",
        "It tells apart the causes that share one code.",
        lambda seen: some(
            job
            for job in _failed(seen, in_list=False)
            if job.text("properties", "extendedInfo", "dynamicErrorMessage")
        ),
    ),
    Assumption(
        "restore-names-its-point-in-utc",
        Area.FAILURES,
        "The 'Recovery point time ' of a restore is the time of a listed point, in UTC.",
        "Otherwise the recovery point of a failed restore would not be found.",
        _restored_points,
    ),
)
