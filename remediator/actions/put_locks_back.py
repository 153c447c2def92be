"""Put back the locks that this run takes off, or say that they stay off."""

import shlex
from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from remediator import ids
from remediator.actions import Action
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.conditions.locks import changed_by_another
from remediator.facts import Facts, Known, Lock, Source


class PutLocksBack(Action):
    """Decide openly whether the locks that were taken off are put back.

    A lock that is put back on Azure Backup's own group causes the same failure again. So the
    default is to leave the lock off and to say so.
    """

    needs: ClassVar = frozenset({Source.LOCKS})
    changes: ClassVar = frozenset({"backup_lock"})
    action: Literal["put-locks-back"] = "put-locks-back"
    policy: Literal["leave-off", "put-back"] = Field(
        default="leave-off", description="Whether the locks are put back at the end of the run."
    )

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One step per lock that this run takes off. No step without such a lock."""
        known = facts.locks.value if isinstance(facts.locks, Known) else ()
        there = {ids.normal(lock.id): lock for lock in known}
        for lock in facts.leases:
            now = there.get(ids.normal(lock.id))
            if now is not None:
                yield self._there(lock, now, facts)
            elif self.policy == "put-back":
                yield self._on(lock)
            else:
                yield self.unchanged(
                    lock.id,
                    f"lock {lock.name} stays off: on Azure Backup's own group it would cause the "
                    "failure again. The run's record keeps the lock in full.",
                )

    def _there(self, lock: Lock, now: Lock, facts: Facts) -> Step:
        source = facts.locks.source if isinstance(facts.locks, Known) else ""
        changed = changed_by_another(lock, now)
        if self.policy == "leave-off":
            changed = changed or f"somebody else has put it back ({now.level})"
        whys = (changed,) if changed else ()
        return self.unchanged(lock.id, f"lock {lock.name} is there ({source})", *whys)

    def _on(self, lock: Lock) -> Step:
        properties = {"level": lock.level} | ({"notes": lock.notes} if lock.notes else {})
        return self.change(
            Operation.PUT_LOCK,
            lock.id,
            what=f"put lock {lock.name} back on {lock.scope}",
            why=(f"lock {lock.name} was taken off by this run, so the run puts it back",),
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
