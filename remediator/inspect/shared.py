"""A Reader for many VMs: what one command reads of a subscription or a vault serves all its jobs.

It is for planning only. What a change rests on is read anew, through a Reader of its own, before
the change is made.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from remediator.ids import folded, subscription_of
from remediator.reading import Answer, Keys, Query, Reader

T = TypeVar("T")
Rows = list[dict[str, Any]]

_OF_ONE_VM: Final = (
    "/backupjobs/",
    "/virtualmachines/",
    "/restorepointcollections/",
    "/protecteditems/",
    "/disks/",
    "/networkinterfaces/",
)
"""Parts of the paths of things that belong to one VM. No other job asks for them, so they are not
kept."""


@dataclass(slots=True)
class _List:
    """A list that was read, with its rows by their keys."""

    rows: Rows
    answer: Answer
    by_key: dict[Keys, dict[str, list[int]]] = field(default_factory=dict)

    def having(self, keys: Keys, wanted: Collection[str]) -> Rows:
        """The rows with a wanted key. The keys of all rows are found only once."""
        index = self.by_key.get(keys)
        if index is None:
            index = self.by_key[keys] = defaultdict(list)
            for number, row in enumerate(self.rows):
                for key in set(keys(row)):
                    index[key].append(number)
        found = {number for key in wanted for number in index.get(key, ())}
        return [self.rows[number] for number in sorted(found)]


class SharedReader:
    """Reads each list, and each thing of a subscription or vault, at most once.

    Two jobs that ask at the same time wait for the same request. An error is kept like an answer:
    what was forbidden for one job is forbidden for the next. The moment of the reading stays in
    the answer.

    Args:
        reader: reads Azure.
        shared: whether so many VMs are expected that a vault's whole list costs less than a narrow
            list for each VM.
    """

    def __init__(self, reader: Reader, *, shared: bool = True) -> None:
        self._reader = reader
        self.shared = shared
        self._kept: dict[str, dict[str, asyncio.Future[Any]]] = defaultdict(dict)

    async def get(self, query: Query) -> Answer:
        """Read one thing. The things of one VM are read through."""
        path = folded(query.path)
        if any(part in path for part in _OF_ONE_VM):
            return await self._reader.get(query)
        return await self._once(query, lambda: self._reader.get(query))

    async def pages(self, query: Query) -> tuple[Rows, Answer]:
        """Read a list."""
        if folded(query.path).endswith("/recoverypoints"):
            return await self._reader.pages(query)
        found = await self._list(query)
        return found.rows, found.answer

    async def pages_with(
        self, query: Query, keys: Keys, wanted: Collection[str]
    ) -> tuple[Rows, Answer]:
        """Read a list, and find rows of it without looking at each."""
        found = await self._list(query)
        return found.having(keys, wanted), found.answer

    async def follow(self, url: str) -> Answer:
        """Look at an operation. An operation goes on, so it is looked at each time."""
        return await self._reader.follow(url)

    async def vaults(self, subscription: str) -> list[str]:
        """The vaults of a subscription."""
        return await self._keep(subscription, "vaults", lambda: self._reader.vaults(subscription))

    def forget(self, subscription: str) -> None:
        """Forget what was read of a subscription whose jobs are all planned: memory is limited."""
        self._kept.pop(folded(subscription), None)

    async def _list(self, query: Query) -> _List:
        async def read() -> _List:
            return _List(*await self._reader.pages(query))

        return await self._once(query, read)

    async def _once(self, query: Query, read: Callable[[], Awaitable[T]]) -> T:
        try:
            where = subscription_of(query.path)
        except ValueError:
            where = ""
        return await self._keep(where, str(query), read)

    async def _keep(self, where: str, what: str, read: Callable[[], Awaitable[T]]) -> T:
        kept = self._kept[folded(where)]
        if what not in kept:
            kept[what] = asyncio.ensure_future(read())
            kept[what].add_done_callback(_noticed)
        # A job that is cut short must not take the answer from the others.
        found: T = await asyncio.shield(kept[what])
        return found


def _noticed(done: asyncio.Future[Any]) -> None:
    """Take note of an error. After Ctrl-C, nobody may wait for an answer any more.

    Without this, Python would print a traceback.
    """
    if not done.cancelled():
        done.exception()
