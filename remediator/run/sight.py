"""What a run sees of the subscription, whenever it looks."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from remediator import ids
from remediator.change.step import Change
from remediator.conditions.vm_state import is_changing
from remediator.errors import RemediateError, first_line
from remediator.facts import Absent, Facts, Known, Lock, Source, Unknown
from remediator.inspect import inspect
from remediator.plan.plan import Plan
from remediator.reading import Reader
from remediator.run.account import Account

CLOCKS_DIFFER: Final = timedelta(minutes=1)
"""By so much the times of two answers may contradict their order: they come from many machines."""


class Sight:
    """Reads what one run asks about. Of what it read it keeps the latest time alone."""

    def __init__(self, plan: Plan, account: Account, reader: Reader) -> None:
        self._plan = plan
        self._account = account
        self._reader = reader
        self._latest: datetime | None = None
        """Azure's time of the latest answer that any reading of this run had."""

    async def read(self, needs: frozenset[Source]) -> Facts:
        """Fresh facts, with what this run has done."""
        bare = Facts.of(self._plan.job, self._plan.failure, self._plan.settings)
        try:
            found = await inspect(self._reader, bare, needs)
        except RemediateError:
            raise
        except Exception as error:  # noqa: BLE001 - what cannot be read is unknown, whatever it is
            told = Unknown(f"internal error: {type(error).__name__}: {first_line(error)}")
            untold: dict[str, Any] = {source.value: told for source in needs}
            found = replace(bare, **untold)
        account = self._account
        times = [at for at in (self._latest, found.latest()) if at]
        self._latest = max(times, default=None)
        return replace(
            found,
            leases=tuple(account.leases),
            started=account.started,
            done=frozenset(account.done),
        )

    async def power_owed(self) -> tuple[tuple[int, Change], ...]:
        """What brings the VM's power back and is seen not to be done, or cannot be seen.

        A VM that is gone has no power to be put back.
        """
        owed = self._account.power_owed
        try:
            vm = (await self.read(frozenset({Source.VM}))).vm if owed else None
        except Exception:  # noqa: BLE001 - whatever it is: it is not seen to be put back
            return owed
        match vm:
            case Absent():
                return ()
            case Known(value=found) if not is_changing(found):
                return tuple(each for each in owed if each[1].after["power"] != found.power.value)
            case _:
                return owed

    async def on_again(self, locks: tuple[Lock, ...]) -> tuple[Lock, ...]:
        """Those of some locks, seen gone before, that somebody has put back, as they are now.

        None where that cannot be read. Nor where the answer is older than what was read before: it
        may show a lock that was not yet gone.
        """
        before = self._latest
        seen = await self._locks() if locks else None
        if seen is None or (before and seen.at < before - CLOCKS_DIFFER):
            return ()
        return tuple(on for on in seen.value if any(ids.same(on.id, lock.id) for lock in locks))

    async def gone(self, locks: tuple[Lock, ...]) -> tuple[Lock, ...]:
        """Those of some locks that are off, though their removal was refused: an answer may err.

        None where that cannot be read: then the refusal is believed.
        """
        seen = await self._locks() if locks else None
        if seen is None:
            return ()
        return tuple(k for k in locks if not any(ids.same(on.id, k.id) for on in seen.value))

    async def _locks(self) -> Known[tuple[Lock, ...]] | None:
        """The locks that are on; None where they cannot be read."""
        found = (await self.read(frozenset({Source.LOCKS}))).locks
        return found if isinstance(found, Known) else None
