"""The stages of a run. Each is done once, no matter what kills the process in between."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from remediator.run.account import Account
from remediator.run.ledger import Ledger, Rows
from remediator.run.run import Entry, Interrupted, Waiting, entry_from


class Stages:
    """Goes through the stages of one run. It can be told to stop."""

    def __init__(
        self,
        ledger: Ledger,
        account: Account,
        note: Callable[[Entry | Waiting], None],
        now: Callable[[], datetime],
    ) -> None:
        self.taken_up = False
        """Whether another process did an earlier stage of this run."""
        self.noted: list[Entry] = []
        """The entries that the current stage has noted."""
        self._ledger = ledger
        self._account = account
        self._note = note
        self._now = now
        self._under_way: asyncio.Future[None] | None = None
        self._to_stop = False

    def interrupt(self) -> None:
        """Stop the current stage. Later stages begin only to put back what the run owes."""
        self._to_stop = True
        if self._under_way is not None:
            self._under_way.cancel()

    async def go_through(self, name: str, do: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do a stage once. If it was done before, only add its entries to the account."""
        lived = False

        async def live() -> Rows:
            nonlocal lived
            lived = True
            self.noted = []
            if self._to_stop and not self._account.interrupted:
                self._note(Interrupted(at=self._now()))  # it came between two stages
                return self.rows()
            self._under_way = asyncio.ensure_future(do())
            try:
                await self._under_way
            except asyncio.CancelledError:
                if not self._to_stop or self._account.interrupted:
                    raise
                self._note(Interrupted(at=self._now()))
            finally:
                self._under_way = None
            return self.rows()

        rows = await self._ledger.once(name, live)
        if not lived:
            self.taken_up = True
            self._account.take(entry_from(row) for row in rows)

    def rows(self) -> Rows:
        """The entries of the current stage, as the ledger keeps them."""
        return [entry.model_dump(mode="json") for entry in self.noted]
