"""The table of routes and what a handler is told about a request."""

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
    """One request, understood."""

    world: World
    method: str
    path: str
    """Decoded, without the query."""
    params: dict[str, str]
    query: dict[str, str]
    """Keys in lower case: ARM reads them without regard to case."""
    body: Any
    base: str
    """Scheme and host for the links in the answer."""
    faults: list[Fault] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    """Of the request; names in lower case."""

    @property
    def request_id(self) -> str:
        """The id that the client gave the request; empty when it gave none."""
        return self.headers.get("x-ms-client-request-id", "")

    @property
    def api_version(self) -> str:
        """The api-version asked for."""
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
        """Build an absolute URL. Azure leaves semicolons raw in the links it sends."""
        pairs = {"api-version": self.api_version} | query
        text = "&".join(f"{key}={quote(value, safe='')}" for key, value in pairs.items())
        return f"{self.base}{quote(path, safe='/;')}?{text}"


Handler = Callable[[Call], Reply]


@dataclass(frozen=True)
class Route:
    """A method and a path template, the RBAC action it needs, and who answers."""

    method: str
    template: str
    action: str
    handler: Handler
    read_like: bool = False
    """A POST that changes nothing: locks do not hold it and it is no write."""
    makes_group: bool = False
    """It makes the resource group that its path names."""
    polling: bool = False
    """A look at an operation: part of the call that started it, so it needs no right of its own."""

    @property
    def pattern(self) -> re.Pattern[str]:
        """The template as a pattern; ``{name*}`` matches several segments."""
        text = re.sub(r"\{(\w+)\*\}", r"(?P<\1>.+?)", self.template)
        text = re.sub(r"(?<!\?P<)\{(\w+)\}", r"(?P<\1>[^/]+)", text)
        return re.compile(text, re.IGNORECASE)

    @property
    def provider(self) -> str:
        """The resource provider whose action it is."""
        return self.action.split("/", 1)[0]


class Router:
    """Finds the route of a request."""

    def __init__(self, routes: list[Route]) -> None:
        self._routes = [(route, route.pattern) for route in routes]

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """Return the route and the values in its path."""
        for route, pattern in self._routes:
            if route.method == method and (match := pattern.fullmatch(path)):
                return route, match.groupdict()
        return None

    def methods(self, path: str) -> set[str]:
        """Return the methods some route answers at this path."""
        return {route.method for route, pattern in self._routes if pattern.fullmatch(path)}
