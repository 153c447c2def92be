"""Recorded refusals, in the words of the tool's own code."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from azure.core import PipelineClient
from azure.core.exceptions import HttpResponseError
from azure.core.rest import HttpRequest

from remediator.azure.errors import explain
from remediator.azure.session import find_cloud, open_session
from remediator.errors import AzureError
from remediator.reading import Api, Query
from tests.conformance.cassette import Pair
from tests.conformance.replay import Replay


def refused(pairs: list[Pair], counts: Counter[str]) -> Iterator[str]:
    """Send each recorded error through HTTP, the SDK's exception and the tool's explanation."""
    errors = _distinct(pair for pair in pairs if pair.status >= 400)
    counts["errors explained"] += len(errors)
    if not errors:
        return
    numbered = [replace(pair, url=f"http://x/error/{n}") for n, pair in enumerate(errors)]
    with Replay(numbered) as azure:
        client: PipelineClient[Any, Any] = PipelineClient(azure.url, policies=[])
        for number, pair in enumerate(errors):
            where = f"{pair.origin}: {pair.status} on {pair.path}"
            answer = client.send_request(HttpRequest(pair.method, f"{azure.url}/error/{number}"))
            told = explain(HttpResponseError(response=answer), pair.path, sent=True)
            error = pair.body.get("error") if isinstance(pair.body, dict) else None
            code = error.get("code") if isinstance(error, dict) else None
            if told.status != pair.status:
                yield f"{where}: told as {told.status}"
            if code and told.code != code:
                yield f"{where}: the code {code} is told as {told.code}"
            if "\n" in str(told) or (code and code not in str(told)):
                yield f"{where}: not told in one line with its code: {told}"


def _distinct(pairs: Iterator[Pair]) -> list[Pair]:
    """Each error once, no matter what it was about."""
    seen: dict[str, Pair] = {}
    for pair in pairs:
        if pair.method in ("GET", "POST", "PUT", "DELETE"):
            seen.setdefault(f"{pair.status} {json.dumps(pair.body, sort_keys=True)}", pair)
    return list(seen.values())


def absent(pairs: list[Pair], counts: Counter[str]) -> Iterator[str]:
    """Check that a recorded 404 on a GET is read as "absent", with any body.

    A subscription that is not found is an exception, because the request did not ask about it.
    """
    found = [pair for pair in pairs if (pair.status, pair.method) == (404, "GET")]
    gone = [pair for pair in found if "SubscriptionNotFound" not in str(pair.body)]
    counts["absent things"] += len(gone)
    if gone:
        with Replay(gone) as azure:
            yield from asyncio.run(_look_for(azure.url, gone))


async def _look_for(url: str, gone: list[Pair]) -> list[str]:
    os.environ["AZURE_ACCESS_TOKEN"] = "recorded"
    wrong = []
    async with open_session(find_cloud(None, url, "token"), "token") as session:
        for pair in gone:
            where = f"{pair.origin}: 404 on {pair.path}"
            try:
                answer = await session.reader.get(Query(api=Api.BACKUP, path=pair.path))
            except AzureError as error:
                wrong.append(f"{where} is read as a failure: {error}")
                continue
            if answer.body is not None:
                wrong.append(f"{where} is read as {answer.body}")
    return wrong
