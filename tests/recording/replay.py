"""A reader over recorded answers: from the file, the tool makes the same plan as from Azure."""

import re
from collections.abc import Collection
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from remediator.errors import AzureError
from remediator.reading import Answer, Keys, Query
from remediator.recording.pair import Pair

_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?: [AP]M|Z)?")


def _key(path: str, params: list[tuple[str, str]]) -> str:
    kept = sorted((name, _TIME.sub("T", value)) for name, value in params if name != "api-version")
    return f"{unquote(path).lower()} {kept}"


class Replay:
    """Answers from pairs, found by path and query. Times in filters are not compared."""

    shared = False

    def __init__(self, pairs: tuple[Pair, ...]) -> None:
        self._pairs: dict[str, Pair] = {}
        for pair in pairs:
            parts = urlsplit(pair.uri)
            self._pairs.setdefault(_key(parts.path, parse_qsl(parts.query)), pair)

    async def get(self, query: Query) -> Answer:
        pair = self._pairs.get(_key(query.path, list(query.params)))
        if pair is None:
            raise AzureError(f"not recorded: {query}", code="NotRecorded", status=500)
        if pair.status >= 400 and pair.status != 404:
            raise AzureError(f"{pair.status} on {query}", code="Recorded", status=pair.status)
        when = parsedate_to_datetime(pair.headers["date"]).astimezone(UTC)
        return Answer(body=pair.body if pair.status == 200 else None, at=when)

    async def pages(self, query: Query) -> tuple[list[dict[str, Any]], Answer]:
        answer = await self.get(query)
        if answer.body is None:
            raise AzureError(f"404 on {query}", code="ResourceNotFound", status=404)
        return list(answer.body["value"]), answer

    async def pages_with(
        self, query: Query, keys: Keys, wanted: Collection[str]
    ) -> tuple[list[dict[str, Any]], Answer]:
        rows, answer = await self.pages(query)
        return [row for row in rows if not set(wanted).isdisjoint(keys(row))], answer

    async def follow(self, url: str) -> Answer:
        raise NotImplementedError(url)

    async def vaults(self, subscription: str) -> list[str]:
        for key, pair in self._pairs.items():
            if key.startswith(f"/subscriptions/{subscription.lower()}/resources "):
                return [str(row["id"]) for row in pair.body["value"]]
        raise AzureError("no list of vaults", code="NotRecorded", status=500)

    @property
    def now(self) -> datetime:
        """The time of the last answer."""
        last = list(self._pairs.values())[-1]
        return parsedate_to_datetime(last.headers["date"]).astimezone(UTC)
