"""Name the locks that this tool may not take off, for the people who may."""

from collections.abc import Iterator
from shlex import join
from typing import ClassVar, Literal

from pydantic import Field

from remediator import ids
from remediator.actions import Action
from remediator.actions.remove_locks import put_back_command
from remediator.change.step import Step
from remediator.conditions.locks import locks_on, locks_on_storage, scopes_said
from remediator.facts import Facts, Lock, Source, Unknown


class ShowLocks(Action):
    """Name each lock with its owner, and the commands that take it off and put it back.

    A lock on somebody's VM or storage account is that person's decision. Nothing is changed.
    """

    needs: ClassVar = frozenset({Source.LOCKS})
    changes: ClassVar = frozenset({"storage_lock", "vm_lock"})
    action: Literal["show-locks"] = "show-locks"
    of: Literal["vm", "storage"] = Field(
        default="vm",
        description="Locks on the VM, or ReadOnly locks that may apply to a storage account.",
    )

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One manual step per lock."""
        target = facts.job.vm_id or facts.job.id
        locks = locks_on(facts, target) if self.of == "vm" else locks_on_storage(facts)
        if isinstance(locks, Unknown):
            yield self.held(target, f"locks not known: {locks.reason}")
            return
        said = scopes_said(facts)
        for lock in locks:
            yield self._told(lock, said)
        for scope in said:
            if not any(ids.same(scope, lock.scope) for lock in locks):
                yield self.manual(
                    target,
                    f"the error also says that {scope} is locked; no lock is seen there now",
                )
        if not locks:
            yield self.unchanged(
                target, "no lock is in the way, apart from locks on Azure Backup's own group"
            )

    def _told(self, lock: Lock, said: tuple[str, ...]) -> Step:
        told = f"lock {lock.name} ({lock.level}) on {lock.scope}"
        told += f": {lock.notes}" if lock.notes else ""
        is_named = any(ids.same(lock.scope, scope) for scope in said)
        named = ("the error names this scope",) if is_named else ()
        harm = (
            "a ReadOnly lock forbids every change below it, also the changes that a backup makes"
            if lock.read_only
            else "a CanNotDelete lock does not stop the backup of a managed VM; take it off last"
        )
        if lock.owners:
            owner = (
                f"the application {', '.join(lock.owners)} owns it; only this application may "
                "take it off"
            )
            return self.manual(lock.id, told, *named, harm, owner)
        return self.manual(
            lock.id,
            told,
            *named,
            harm,
            "the person who set it decides; taking it off needs the role Owner or User Access "
            "Administrator. Take it off, run this again, and put it back:",
            commands=(join(["az", "lock", "delete", "--ids", lock.id]), put_back_command(lock)),
        )
