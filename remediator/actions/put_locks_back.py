"""Put back the locks that this run takes off, or say that they stay off."""

import shlex
from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from remediator import ids
from remediator.actions import Action
from remediator.facts import Facts, Known, Lock, Source
from remediator.operations import Operation
from remediator.step import Impact, Step


class PutLocksBack(Action):
    """Decide, in the open, what becomes of the locks that were taken off.

    Put back on Azure Backup's own group, a lock makes the same failure return: the honest default
    is to leave it off and to say so.
    """

    needs: ClassVar = frozenset({Source.LOCKS})
    action: Literal["put-locks-back"] = "put-locks-back"
    policy: Literal["leave-off", "put-back"] = Field(
        default="leave-off", description="Whether the locks are put back at the end of the run."
    )

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One step per lock that this run takes off; none without such a lock."""
        match self.policy, facts.locks:
            case "leave-off", _:
                for lock in facts.leases:
                    yield self.unchanged(
                        lock.id,
                        f"lock {lock.name} stays off: on Azure Backup's own group it makes the "
                        "failure return. What it was is kept in the run's record.",
                    )
            case _, Known(value=locks, source=source):
                there = {ids.normal(lock.id) for lock in locks}
                for lock in facts.leases:
                    if ids.normal(lock.id) in there:
                        yield self.unchanged(lock.id, f"lock {lock.name} is there ({source})")
                    else:
                        yield self._on(lock)
            case _:
                for lock in facts.leases:
                    yield self._on(lock)

    def _on(self, lock: Lock) -> Step:
        properties = {"level": lock.level} | ({"notes": lock.notes} if lock.notes else {})
        return self.change(
            Operation.PUT_LOCK,
            lock.id,
            what=f"put lock {lock.name} back on {lock.scope}",
            why=(f"lock {lock.name} was taken off by this run and is to be put back",),
            before={"lock": None},
            after={
                "lock": lock.name,
                "level": lock.level,
                "notes": lock.notes,
                "scope": lock.scope,
            },
            impact=Impact.REVERSIBLE,
            undo=shlex.join(["az", "lock", "delete", "--ids", lock.id]),
            body={"properties": properties},
            always=True,
        )
