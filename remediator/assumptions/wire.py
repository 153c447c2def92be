"""Assumptions about ids, times, headers and pages."""

from typing import Final
from urllib.parse import urlsplit

from remediator.assumptions.assumption import Area, Assumption, every, some
from remediator.assumptions.seen import LATER, Seen, Thing, has_all_headers, path_of, version
from remediator.recording.pair import Pair


def _backup_rows(seen: Seen, *, newer: bool) -> list[Thing]:
    return [
        thing
        for thing in (*seen.vm_jobs, *seen.items)
        if thing.newer is newer
        and thing.text("id")
        and not urlsplit(thing.pair.uri).path.startswith("//")
    ]


def _start(path: str) -> str:
    return path.split("/")[1] if path.count("/") else ""


def _pages(seen: Seen) -> list[Pair]:
    return [
        pair
        for pair in seen.pairs
        if isinstance(pair.body, dict)
        and isinstance(pair.body.get("value"), list)
        and pair.body.get("nextLink")
    ]


def _stays_at_home(pair: Pair) -> bool:
    here, there = urlsplit(pair.uri), urlsplit(str(pair.body["nextLink"]))
    return (here.scheme, here.netloc.lower()) == (there.scheme, there.netloc.lower())


def _is_read(pair: Pair) -> bool:
    return pair.method == "GET" and pair.status == 200


ASSUMPTIONS: Final = (
    Assumption(
        "newer-ids-echo-the-casing",
        Area.WIRE,
        "Newer versions of Azure Backup's API echo /subscriptions/ in ids as the request has it.",
        "Ids are compared without their casing.",
        lambda seen: every(
            _backup_rows(seen, newer=True),
            lambda thing: _start(thing.text("id")) == _start(urlsplit(thing.pair.uri).path),
        ),
    ),
    Assumption(
        "older-ids-are-capital",
        Area.WIRE,
        "Versions up to 2021 say /Subscriptions/ or echo the request.",
        "Ids are compared without their casing.",
        lambda seen: every(
            _backup_rows(seen, newer=False),
            lambda thing: _start(thing.text("id")).lower() == "subscriptions",
            lambda thing: _start(thing.text("id")),
        ),
    ),
    Assumption(
        "next-page",
        Area.WIRE,
        "A list of several pages has a nextLink, to the same host.",
        "A link to another host is not followed: the token would go there.",
        lambda seen: every(_pages(seen), _stays_at_home),
    ),
    Assumption(
        "next-page-of-jobs",
        Area.WIRE,
        "A long list of jobs comes in pages.",
        "Only one page was ever recorded.",
        lambda seen: some(p for p in _pages(seen) if path_of(p)[-1:] == ["backupjobs"]),
    ),
    Assumption(
        "date-in-each-answer",
        Area.WIRE,
        "Each answer has a Date.",
        "The tool computes ages from it, whatever this machine's clock says.",
        lambda seen: every(
            filter(has_all_headers, seen.pairs), lambda pair: "date" in pair.headers
        ),
    ),
    Assumption(
        "rate-limit-of-the-backup-service",
        Area.WIRE,
        "Azure Backup's answers tell what is left of the rate limit in "
        "x-ms-ratelimit-remaining-subscription-resource-requests.",
        "The tool slows down before it is throttled.",
        lambda seen: every(
            [
                pair
                for pair in seen.pairs
                if _is_read(pair)
                and "date" in pair.headers
                and "backupjobs" in path_of(pair)
                and version(pair) >= LATER
            ],
            lambda pair: "x-ms-ratelimit-remaining-subscription-resource-requests" in pair.headers,
        ),
    ),
)
