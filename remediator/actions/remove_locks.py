"""Take the locks off Azure Backup's own group and collections."""

from collections.abc import Iterator
from shlex import join
from typing import Any, ClassVar, Literal

from remediator.actions import Action
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.conditions.locks import binding_locks, why_lock_stays
from remediator.facts import Facts, Known, Lock, Source, Unknown
from remediator.ids import group_name


class RemoveLocks(Action):
    """Remove every lock that keeps Azure Backup from deleting this VM's restore points.

    Only locks on Azure Backup's own resource group and collections are removed. If one lock must
    stay, no lock is touched: removing the others would cost protection and repair nothing.
    """

    needs: ClassVar = frozenset({Source.LOCKS, Source.COLLECTIONS})
    changes: ClassVar = frozenset({"backup_lock"})
    action: Literal["remove-locks"] = "remove-locks"

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One change per lock, or the reason for no change."""
        locks = binding_locks(facts)
        if isinstance(locks, Unknown):
            yield self.held(facts.job.vault.id, f"locks not known: {locks.reason}")
            return
        if not locks:
            yield self.unchanged(
                facts.job.vault.id, "no lock applies to the restore point collections"
            )
            return
        collections = facts.collections.value if isinstance(facts.collections, Known) else ()
        kept = {lock.id: reason for lock in locks if (reason := why_lock_stays(lock, collections))}
        for lock in locks:
            if kept:
                reason = kept.get(lock.id) or "taking it off does not help while other locks stay"
                yield self.held(
                    lock.id,
                    f"lock {lock.name} ({lock.level}) on {lock.scope}: {reason}",
                    "if you may still remove it, take it off by hand and run this again",
                )
            else:
                yield self._off(lock, facts)

    def _off(self, lock: Lock, facts: Facts) -> Step:
        source = facts.locks.source if isinstance(facts.locks, Known) else ""
        return self.change(
            Operation.DELETE_LOCK,
            lock.id,
            what=f"take lock {lock.name} off {lock.scope}",
            why=(
                (
                    f"lock {lock.name} ({lock.level}) keeps Azure Backup from deleting old restore "
                    f"points ({source})"
                ),
            ),
            before=shown_lock(lock),
            after={"lock": None},
            impact=Impact.REVERSIBLE,
            undo=put_back_command(lock),
        )


def shown_lock(lock: Lock) -> dict[str, Any]:
    """A lock, as the plan shows it before it is taken off."""
    return {"lock": lock.name, "level": lock.level, "notes": lock.notes, "scope": lock.scope}


def put_back_command(lock: Lock) -> str:
    """The command that puts a lock back as it was, for any default subscription of `az`."""
    words = ["az", "lock", "create", f"--name={lock.name}", "--lock-type", lock.level]
    if "/providers/" in lock.scope.lower():
        words += ["--resource", lock.scope]
    elif group := group_name(lock.scope):
        words += ["--resource-group", group]
    # Name and text are one word: notes may begin with a dash, and `az` would take them for an
    # option.
    words += [f"--notes={lock.notes}"] if lock.notes else []
    return join([*words, "--subscription", lock.scope.strip("/").split("/")[1]])
