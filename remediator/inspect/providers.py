"""Whether the subscription is registered with the resource providers that a restore uses."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from remediator.facts import Fact, Known, Readings, Source, Thing, Unknown
from remediator.inspect.wire import text
from remediator.job.restore_needs import Provider
from remediator.reading import Api, Query, Reader

_NEEDED: Final = (
    "Microsoft.RecoveryServices",
    "Microsoft.Compute",
    "Microsoft.Network",
    "Microsoft.Storage",
)


async def look(
    reader: Reader, about: Readings, _ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[Provider, ...]]:
    """Read each provider's registration. If one cannot be read, the answer is unknown."""
    base = f"/subscriptions/{about.subject.subscription}/providers"
    queries = [Query(api=Api.RESOURCES, path=f"{base}/{name}") for name in _NEEDED]
    answers = await asyncio.gather(*(reader.get(query) for query in queries))
    found = []
    for query, answer in zip(queries, answers, strict=True):
        provider = parse(answer.body)
        if provider is None:
            return Unknown(f"no registration state: {query}")
        found.append(provider)
    told = ", ".join(map(str, queries))
    return Known(tuple(found), told, max(answer.at for answer in answers))


def parse(body: dict[str, Any] | None) -> Provider | None:
    """A provider's registration. None when the answer does not tell it."""
    state = text(body, "registrationState")
    return Provider(namespace=text(body, "namespace"), state=state) if state else None
