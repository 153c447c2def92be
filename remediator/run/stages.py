"""The stages of a run: each is gone through once, whatever kills the process in between."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from remediator.run.account import Account
from remediator.run.ledger import Ledger, Rows
from remediator.run.run import Entry, Interrupted, Waiting, entry_from


class Stages:
    """Goes through the stages of one run, and can be told to stop."""

    def __init__(
        self,
        ledger: Ledger,
        account: Account,
        note: Callable[[Entry | Waiting], None],
        now: Callable[[], datetime],
    ) -> None:
        self.taken_up = False
        """Whether another process went through the first of them."""
        self.noted: list[Entry] = []
        """What the stage under way has noted."""
        self._ledger = ledger
        self._account = account
        self._note = note
        self._now = now
        self._under_way: asyncio.Future[None] | None = None
        self._to_stop = False

    def interrupt(self) -> None:
        """Have the stage under way stop, and whatever puts nothing back not begin."""
        self._to_stop = True
        if self._under_way is not None:
            self._under_way.cancel()

    async def go_through(self, name: str, do: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Go through a stage once; one that was gone through before is taken into account."""
        lived = False

        async def live() -> Rows:
            nonlocal lived
            lived = True
            self.noted = []
            if self._to_stop and not self._account.interrupted:
                self._note(Interrupted(at=self._now()))  # between two stages
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
        """What the stage under way has noted, as the ledger keeps it."""
        return [entry.model_dump(mode="json") for entry in self.noted]
