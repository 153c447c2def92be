"""The shared reader: each list is read once, and the rows of a VM are found without a search."""

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import pytest

from remediator.errors import AzureError
from remediator.inspect.shared import SharedReader
from remediator.inspect.whose import names_in
from remediator.reading import Answer, Api, Keys, Query

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
VAULT = f"{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v"
LIST = Query(api=Api.BACKUP, path=f"{VAULT}/backupJobs")
POLICY = Query(api=Api.BACKUP, path=f"{VAULT}/backupPolicies/p")
JOB = Query(api=Api.BACKUP, path=f"{VAULT}/backupJobs/j")


class Counting:
    """A reader of one list. It counts what it is asked for."""

    shared = False

    def __init__(self, *names: str, forbidden: bool = False) -> None:
        self.rows = [
            {"name": f"job-{n}", "properties": {"entityFriendlyName": name}}
            for n, name in enumerate(names)
        ]
        self.forbidden = forbidden
        self.asked: list[str] = []
        self.looked_at = 0

    async def get(self, query: Query) -> Answer:
        self.asked.append(query.path)
        await asyncio.sleep(0)
        return Answer(body={}, at=NOW)

    async def pages(self, query: Query) -> tuple[list[dict[str, Any]], Answer]:
        self.asked.append(query.path)
        await asyncio.sleep(0)
        if self.forbidden:
            raise AzureError("403", code="AuthorizationFailed", status=403)
        return self.rows, Answer(body={}, at=NOW)

    async def pages_with(
        self, query: Query, _keys: Keys, _wanted: Collection[str]
    ) -> tuple[list[dict[str, Any]], Answer]:
        raise NotImplementedError(query)

    async def follow(self, url: str) -> Answer:
        raise NotImplementedError(url)

    async def vaults(self, subscription: str) -> list[str]:
        self.asked.append(f"vaults of {subscription}")
        return []

    def keys(self, row: dict[str, Any]) -> list[str]:
        self.looked_at += 1
        return list(names_in(row))


def test_many_who_ask_at_once_wait_for_one_request() -> None:
    inner = Counting("web")

    async def ask() -> None:
        reader = SharedReader(inner)
        await asyncio.gather(*(reader.pages(LIST) for _ in range(20)))
        await asyncio.gather(*(reader.get(POLICY) for _ in range(20)))
        await asyncio.gather(*(reader.vaults("s") for _ in range(20)))

    asyncio.run(ask())
    assert len(inner.asked) == 3


def test_what_belongs_to_one_vm_is_read_each_time() -> None:
    inner = Counting()

    async def ask() -> None:
        reader = SharedReader(inner)
        await reader.get(JOB)
        await reader.get(JOB)

    asyncio.run(ask())
    assert len(inner.asked) == 2


def test_each_row_is_looked_at_once_for_all_vms() -> None:
    names = [f"vm-{n}" for n in range(50)]
    inner = Counting(*names, "")

    async def ask() -> list[list[str]]:
        reader, keys = SharedReader(inner), inner.keys
        found = [await reader.pages_with(LIST, keys, {name, ""}) for name in names]
        return [[row["properties"]["entityFriendlyName"] for row in rows] for rows, _ in found]

    # A job that tells no VM may be about any of them, so everybody gets it.
    assert asyncio.run(ask()) == [[name, ""] for name in names]
    assert inner.looked_at == len(inner.rows)


def test_what_was_forbidden_once_is_not_asked_again() -> None:
    inner = Counting(forbidden=True)

    async def ask() -> None:
        reader = SharedReader(inner)
        for _ in range(3):
            with pytest.raises(AzureError, match="403"):
                await reader.pages(LIST)

    asyncio.run(ask())
    assert len(inner.asked) == 1


def test_a_finished_subscription_is_forgotten() -> None:
    inner = Counting("web")

    async def ask() -> None:
        reader = SharedReader(inner)
        await reader.pages(LIST)
        reader.forget(SUBSCRIPTION.rsplit("/", 1)[-1].upper())
        await reader.pages(LIST)

    asyncio.run(ask())
    assert len(inner.asked) == 2
