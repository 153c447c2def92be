"""Assumptions about long-running operations."""

from typing import Final
from urllib.parse import parse_qs, urlsplit

from remediator.assumptions.assumption import Area, Assumption, every
from remediator.assumptions.seen import LATER, Seen, has_all_headers, path_of, version
from remediator.recording.pair import Pair

_LINKS: Final = ("azure-asyncoperation", "location")


def _triggers(seen: Seen) -> list[Pair]:
    return [
        pair
        for pair in seen.pairs
        if pair.method == "POST" and path_of(pair)[-1:] == ["backup"] and has_all_headers(pair)
    ]


def _links(seen: Seen, *, newer: bool) -> list[str]:
    return [
        pair.headers[name]
        for pair in _triggers(seen)
        if (version(pair) >= LATER) is newer
        for name in _LINKS
        if name in pair.headers
    ]


def _is_signed(link: str) -> bool:
    return {"t", "c", "s", "h"} <= parse_qs(urlsplit(link).query).keys()


def _statuses(seen: Seen, status: str) -> list[Pair]:
    return [
        pair
        for pair in seen.pairs
        if pair.status == 200
        and path_of(pair)[-2:-1] in (["operationsstatus"], ["backupoperations"])
        and isinstance(pair.body, dict)
        and pair.body.get("status") == status
    ]


def _unstripped(seen: Seen) -> list[Pair]:
    """Answers of 202 with all their headers. The recorder of azure-cli removes Retry-After."""
    return [p for p in seen.pairs if p.status == 202 and "x-ms-request-id" in p.headers]


ASSUMPTIONS: Final = (
    Assumption(
        "trigger-answers-202-with-links",
        Area.OPERATIONS,
        "The trigger of a backup answers 202 without a body, with Azure-AsyncOperation and "
        "Location.",
        "The job is found by the first.",
        lambda seen: every(
            _triggers(seen),
            lambda pair: (
                pair.status == 202
                and not pair.body
                and all(name in pair.headers for name in _LINKS)
            ),
        ),
    ),
    Assumption(
        "newer-links-are-signed",
        Area.OPERATIONS,
        "Newer versions sign the links of a trigger by t, c, s and h.",
        "They are secrets, and are not to be shown or kept.",
        lambda seen: every(_links(seen, newer=True), _is_signed),
    ),
    Assumption(
        "older-links-are-unsigned",
        Area.OPERATIONS,
        "Versions up to 2021 do not sign them.",
        "Nothing depends on it.",
        lambda seen: every(_links(seen, newer=False), lambda link: not _is_signed(link)),
    ),
    Assumption(
        "operation-under-way-has-year-one",
        Area.OPERATIONS,
        "The status of an operation of Azure Backup under way ends at 0001-01-01T00:00:00, "
        "without a zone.",
        "Strict parsers fail on it.",
        lambda seen: every(
            _statuses(seen, "InProgress"),
            lambda pair: str(pair.body.get("endTime", "")).startswith("0001-01-01T00:00:00"),
        ),
    ),
    Assumption(
        "done-operation-names-the-job",
        Area.OPERATIONS,
        "The status of an operation of Azure Backup that succeeded names its job.",
        "Otherwise the job has to be looked for in the list.",
        lambda seen: every(
            [
                pair
                for pair in _statuses(seen, "Succeeded")
                if (pair.body.get("properties") or {}).get("objectType")
                == "OperationStatusJobExtendedInfo"
            ],
            lambda pair: bool(pair.body["properties"].get("jobId")),
        ),
    ),
    Assumption(
        "accepted-says-when-to-look-again",
        Area.OPERATIONS,
        "A 202 says by Retry-After when to look again.",
        "Without it the tool looks by its own interval.",
        lambda seen: every(_unstripped(seen), lambda pair: "retry-after" in pair.headers),
    ),
)
