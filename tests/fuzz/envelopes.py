"""Odd things around the body of an answer: its status, headers, links, and the time of arrival."""

import json
from dataclasses import replace
from random import Random
from typing import Any
from urllib.parse import urlsplit

from tests.between import Asked, Told
from tests.fuzz.strike import Alter, Memory

_STATUSES = (*range(200, 209), 226, *range(300, 309), *range(400, 430), *range(500, 512), 599)
_ERRORS: tuple[Any, ...] = (
    None,
    {},
    {"error": {"code": "ResourceNotFound", "message": "It was not found."}},
    {"error": {"code": "AuthorizationFailed", "message": "You may not."}},
    {"error": {"code": "ScopeLocked", "message": "The scope is locked."}},
    {"error": {"code": "TooManyRequests", "message": {"text": "later"}}},
    {"error": {"code": None, "message": None}},
    {"error": "no object"},
    {"message": "no envelope"},
    [],
)
_WAITS = (
    "0",
    "1",
    "0.01",
    "-5",
    "864000",
    "inf",
    "nan",
    "1e9",
    "99999999999999999999",
    "",
    "soon",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "٣",
    "1, 2",
    "0x10",
    "Wed, 99 Foo 2026 25:61:61 GMT",
)
_DATES = (
    "",
    "yesterday",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Mon, 01 Jan 0001 00:00:00 GMT",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "Sat, 28 Nov 2026 10:00:00 +9999",
    "1764000000",
    "Sun, 31 Feb 2026 10:00:00 GMT",
    "Sat, 28 Nov 2099 10:00:00 GMT",
)
_CHALLENGES = (
    "Bearer",
    "Bearer claims=",
    'Bearer error="insufficient_claims", claims="!!!"',
    "Basic",
    'Bearer authorization="https://login.example.invalid/", resource="x"',
    ",,,=",
    'Bearer "',
    'Bearer error="insufficient_claims", claims="eyJ4IjogWyJ5Il19"',
)
_LINKS = ("location", "azure-asyncoperation", "operation-location")


def _with(told: Told, name: str, *values: str) -> Told:
    """The same answer, where a header has only these values. Without values, the header is gone."""
    kept = tuple(each for each in told.headers if each[0].lower() != name.lower())
    return replace(told, headers=(*kept, *((name, value) for value in values)))


def _status(rng: Random, _asked: Asked, told: Told, _memory: Memory) -> Told:
    """Another status, with the same body, an empty one, or the body of an error."""
    status = rng.choice(_STATUSES)
    if rng.random() < 0.4:
        return replace(told, status=status)
    body = rng.choice(_ERRORS)
    return replace(told, status=status, content=json.dumps(body).encode() if body else b"")


def _gone(_rng: Random, _asked: Asked, told: Told, _memory: Memory) -> Told:
    """The answer says that an existing thing is gone."""
    return replace(told, status=404, content=json.dumps(_ERRORS[2]).encode())


def _throttled(rng: Random, _asked: Asked, told: Told, _memory: Memory) -> Told:
    """The answer says: try again later, after an odd time."""
    later = replace(told, status=rng.choice((429, 503, 500, 408)), content=b"")
    return _with(later, "Retry-After", rng.choice(_WAITS))


def _waits(rng: Random, _asked: Asked, told: Told, _memory: Memory) -> Told:
    """A good answer with an odd waiting time for the next request."""
    values = [rng.choice(_WAITS) for _ in range(rng.choice((1, 1, 2)))]
    return _with(told, "Retry-After", *values)


def _date(rng: Random, _asked: Asked, told: Told, _memory: Memory) -> Told:
    if rng.random() < 0.2:
        return _with(told, "Date", rng.choice(_DATES), rng.choice(_DATES))
    return _with(told, "Date", rng.choice(_DATES))


def _challenge(rng: Random, _asked: Asked, told: Told, _memory: Memory) -> Told:
    refused = replace(told, status=401, content=b"")
    return _with(refused, "WWW-Authenticate", rng.choice(_CHALLENGES))


def _header(rng: Random, _asked: Asked, told: Told, _memory: Memory) -> Told:
    """Other odd headers."""
    name, values = rng.choice(
        (
            (
                "Content-Type",
                ("", "text/html", "application/json; charset=utf-16", "\xff", "a/b/c"),
            ),
            ("Content-Encoding", ("gzip", "br", "deflate", "identity", "x-odd", "gzip, gzip")),
            ("x-ms-correlation-request-id", ("", "\x9b31mred", "x" * 5000, "a b")),
            ("x-ms-request-id", ("", "x" * 5000)),
            ("x-ms-ratelimit-remaining-subscription-reads", ("-1", "0", "", "many", "1e99")),
            ("x-ms-ratelimit-remaining-resource", ("", ";;;", "a;b", "Microsoft.Compute/X;0")),
            ("Set-Cookie", ("a=b", ";;;", "x" * 4000)),
            ("ETag", ("", '"', "W/")),
        )
    )
    return _with(told, name, rng.choice(values))


def _elsewhere(rng: Random, link: str) -> str:
    """A link to another place, or to the same place in another spelling."""
    parts = urlsplit(link)
    host, tail = parts.netloc, link.partition(parts.netloc)[2] if parts.netloc else link
    return rng.choice(
        (
            f"http://management.example.invalid{tail}",
            f"https://{host}{tail}",
            f"http://user:pw@{host}{tail}",
            f"HTTP://{host.upper()}{tail}",
            f"http://{host.replace('127.0.0.1', '127.1')}{tail}",
            f"http://{host}.{tail}",
            f"//{host}{tail}",
            f"http://{host}/../..{tail}",
            f"http://{host}//{tail.lstrip('/')}",
            tail,
            "",
            "http://[::1",
            "http://127.0.0.1:99999/x",
            "file:///etc/passwd",
            link.replace("api-version=", "api-versio="),
            link.upper(),
            f"{link}#fragment",
            f"http://{host}/",
        )
    )


def _operation_link(rng: Random, _asked: Asked, told: Told, _memory: Memory) -> Told:
    """Another link for following an operation, or none."""
    names = [name for name, _ in told.headers if name.lower() in _LINKS]
    if not names:
        return told
    name = rng.choice(names)
    link = next(value for key, value in told.headers if key == name)
    return _with(told, name) if rng.random() < 0.2 else _with(told, name, _elsewhere(rng, link))


def _next_page(rng: Random, asked: Asked, told: Told, memory: Memory) -> Told:
    """A list whose next page is a loop, lies elsewhere, or cannot be followed."""
    body = told.json()
    if not isinstance(body, dict) or not isinstance(body.get("value"), list):
        return told
    here = f"{memory.host}{asked.path}"
    others = [path for _, path, each in memory.told if b'"value"' in each.content]
    link = rng.choice(
        (
            here,
            f"{here}&page={len(memory.told)}",
            _elsewhere(rng, here),
            _elsewhere(rng, here),
            f"{memory.host}{rng.choice(others)}" if others else here,
            rng.choice((5, True, [], {}, [here], {"href": here})),
        )
    )
    return told.saying(body | {"nextLink": link})


def _late(rng: Random, _asked: Asked, told: Told, _memory: Memory) -> Told:
    """Hold the answer back, so that others overtake it."""
    return replace(told, wait=rng.choice((0.02, 0.05, 0.1, 0.3)))


def _cut(_rng: Random, _asked: Asked, told: Told, _memory: Memory) -> Told:
    """The request is carried out but never answered."""
    return replace(told, cut=True)


def _of_another(rng: Random, asked: Asked, told: Told, memory: Memory) -> Told:
    """Give the answer to another request."""
    others = [each for _, path, each in memory.told if path != asked.path]
    return replace(rng.choice(others), wait=0.0, cut=False) if others else told


def _stale(_rng: Random, asked: Asked, told: Told, memory: Memory) -> Told:
    """Repeat the first answer, like a cache that is never cleared."""
    if asked.method != "GET":
        return told
    return next((each for _, path, each in memory.told if path == asked.path), told)


ENVELOPES: dict[str, Alter] = {
    "another status": _status,
    "said to be gone": _gone,
    "throttled": _throttled,
    "odd Retry-After": _waits,
    "odd Date": _date,
    "a challenge": _challenge,
    "odd headers": _header,
    "an operation's link": _operation_link,
    "the next page": _next_page,
    "overtaken": _late,
    "never answered": _cut,
    "the answer to another question": _of_another,
    "a stale answer": _stale,
}
"""The alterations, by name."""
