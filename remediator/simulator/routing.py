"""The table of routes, and the request as a handler gets it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from remediator.simulator.faults import Fault
from remediator.simulator.reply import Reply
from remediator.simulator.world import World


@dataclass
class Call:
    """One request, parsed."""

    world: World
    method: str
    path: str
    """The decoded path, without the query."""
    params: dict[str, str]
    query: dict[str, str]
    """The query. Its keys are in lower case, because ARM ignores their case."""
    body: Any
    base: str
    """The scheme and host of the links in the answer."""
    faults: list[Fault] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    """The headers of the request, with names in lower case."""

    @property
    def request_id(self) -> str:
        """The client's id of the request. Empty if the client sent none."""
        return self.headers.get("x-ms-client-request-id", "")

    @property
    def api_version(self) -> str:
        """The api-version of the request."""
        return self.query.get("api-version", "")

    @property
    def subscription(self) -> str:
        """The subscription in the path."""
        return self.params["subscription"]

    @property
    def group(self) -> str:
        """The resource group in the path."""
        return self.params["group"]

    def fault(self, kind: str) -> Fault | None:
        """Return the fault of that kind that strikes this request."""
        return next((fault for fault in self.faults if fault.kind == kind), None)

    def link(self, path: str, **query: str) -> str:
        """Build an absolute URL. Azure leaves semicolons raw in its links."""
        pairs = {"api-version": self.api_version} | query
        text = "&".join(f"{key}={quote(value, safe='')}" for key, value in pairs.items())
        return f"{self.base}{quote(path, safe='/;')}?{text}"


Handler = Callable[[Call], Reply]


@dataclass(frozen=True)
class Route:
    """A method and a path template, the RBAC action that it needs, and its handler."""

    method: str
    template: str
    action: str
    handler: Handler
    read_like: bool = False
    """Whether it is a POST that changes nothing: locks do not forbid it, and it is not a write."""
    makes_group: bool = False
    """Whether it makes the resource group that its path names."""
    polling: bool = False
    """Whether it polls an operation.

    Polling belongs to the call that started the operation, so it needs no permission of its own.
    """

    @property
    def pattern(self) -> re.Pattern[str]:
        """The template as a regular expression. ``{name*}`` matches several segments."""
        text = re.sub(r"\{(\w+)\*\}", r"(?P<\1>.+?)", self.template)
        text = re.sub(r"(?<!\?P<)\{(\w+)\}", r"(?P<\1>[^/]+)", text)
        return re.compile(text, re.IGNORECASE)

    @property
    def provider(self) -> str:
        """The resource provider of the action."""
        return self.action.split("/", 1)[0]


_Numbered = tuple[int, Route, re.Pattern[str]]


class Router:
    """Finds the route of a request: the first one in the table that fits.

    Hundreds of patterns would have to be tried. So the routes are found by the last fixed segment
    of their template, and by how many segments come after it.
    """

    def __init__(self, routes: list[Route]) -> None:
        self._by_ending: dict[tuple[str, int], list[_Numbered]] = {}
        for number, route in enumerate(routes):
            numbered = (number, route, route.pattern)
            self._by_ending.setdefault(_ending(route.template), []).append(numbered)
        self._longest = max(after for _, after in self._by_ending)

    def _fitting(self, path: str) -> list[_Numbered]:
        """Return the routes that may fit a path, in the order of the table."""
        segments = path.lower().split("/")
        found: list[_Numbered] = []
        for after, segment in enumerate(reversed(segments[-self._longest - 1 :])):
            found += self._by_ending.get((segment, after), ())
        return sorted(found, key=lambda numbered: numbered[0])

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """Return the route and the values in its path."""
        for _, route, pattern in self._fitting(path):
            if route.method == method and (match := pattern.fullmatch(path)):
                return route, match.groupdict()
        return None

    def methods(self, path: str) -> set[str]:
        """Return the methods that have a route at this path."""
        return {
            route.method for _, route, pattern in self._fitting(path) if pattern.fullmatch(path)
        }


def _ending(template: str) -> tuple[str, int]:
    """Return a template's last segment without a placeholder, and how many come after it."""
    segments = template.lower().split("/")
    for after, segment in enumerate(reversed(segments)):
        if "*" in segment:
            break
        if "{" not in segment:
            return segment, after
    message = f"no fixed segment ends the template {template!r}"
    raise ValueError(message)
