"""Sight: how a run looks at the subscription."""

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
"""By how much the times of two answers may contradict their order.

Many machines send the answers.
"""


class Sight:
    """Reads what one run asks about. It keeps only the latest time of all its readings."""

    def __init__(self, plan: Plan, account: Account, reader: Reader) -> None:
        self._plan = plan
        self._account = account
        self._reader = reader
        self._latest: datetime | None = None
        """Azure's time of the latest answer of all readings of this run."""

    async def read(self, needs: frozenset[Source]) -> Facts:
        """Fresh facts, together with what this run has done."""
        bare = Facts.of(self._plan.job, self._plan.failure, self._plan.settings)
        try:
            found = await inspect(self._reader, bare, needs)
        except RemediateError:
            raise
        except Exception as error:  # noqa: BLE001 - any error makes the fact unknown
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
        """The changes that bring the VM's power back and are not seen to be done.

        A VM that is gone has no power to bring back.
        """
        owed = self._account.power_owed
        try:
            vm = (await self.read(frozenset({Source.VM}))).vm if owed else None
        except Exception:  # noqa: BLE001 - after any error the power is not seen to be back
            return owed
        match vm:
            case Absent():
                return ()
            case Known(value=found) if not is_changing(found):
                return tuple(each for each in owed if each[1].after["power"] != found.power.value)
            case _:
                return owed

    async def on_again(self, locks: tuple[Lock, ...]) -> tuple[Lock, ...]:
        """The given locks that were seen gone and that somebody has put back, as they are now.

        Empty if the locks cannot be read. Also empty if the answer is older than an earlier one: it
        may show a lock that was not yet gone.
        """
        before = self._latest
        seen = await self._locks() if locks else None
        if seen is None or (before and seen.at < before - CLOCKS_DIFFER):
            return ()
        return tuple(on for on in seen.value if any(ids.same(on.id, lock.id) for lock in locks))

    async def gone(self, locks: tuple[Lock, ...]) -> tuple[Lock, ...]:
        """The given locks that are off, although Azure refused to remove them.

        Azure's answer may have been wrong. Empty if the locks cannot be read. Then the refusal is
        believed.
        """
        seen = await self._locks() if locks else None
        if seen is None:
            return ()
        return tuple(k for k in locks if not any(ids.same(on.id, k.id) for on in seen.value))

    async def _locks(self) -> Known[tuple[Lock, ...]] | None:
        """The locks that are on. None if they cannot be read."""
        found = (await self.read(frozenset({Source.LOCKS}))).locks
        return found if isinstance(found, Known) else None
