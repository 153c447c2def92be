"""Stop the backup of a VM that is gone, and keep its backup data."""

import shlex
from collections.abc import Iterator
from typing import ClassVar, Final, Literal

from remediator import ids
from remediator.actions._protection import OnProtection, item_body
from remediator.change.az_protection import az_resume
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.conditions.jobs import why_busy
from remediator.conditions.protection import is_protected
from remediator.facts import Absent, Facts, Known, ProtectedItem, Source, Unknown

_KEPT: Final = (
    "its points are kept and billed until somebody deletes them; without the stop they would "
    "expire by the policy, all but the last one"
)
"""From "Manage Azure VM backups" (2026-01-27)."""


class StopProtectionKeepData(OnProtection):
    """Stop the protection of a VM that does not exist any more, and delete nothing.

    This happens only if the VM is known to be gone, and no VM elsewhere is or may be the same one.
    A VM that was moved needs a backup at its new place, and a person must begin it. While the VM is
    being restored, the protection is not stopped either: the VM will soon exist again.
    """

    needs: ClassVar = frozenset(
        {Source.VM, Source.ITEM, Source.WHEREABOUTS, Source.JOBS, Source.OTHER_JOBS}
    )
    changes: ClassVar = frozenset({"protection"})
    action: Literal["stop-protection-keep-data"] = "stop-protection-keep-data"

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One change, or the reason for no change."""
        yield from self.unread(facts)
        if not isinstance(facts.item, Known):
            return
        item = facts.item.value
        if not is_protected(item):
            yield self.unchanged(item.id, f"protection is {item.state} ({facts.item.source})")
            return
        match facts.vm:
            case Unknown(reason=reason):
                yield self.held(item.id, f"not known whether the VM is gone: {reason}")
            case Known(value=vm, source=source):
                yield self.held(item.id, f"the VM is there: {vm.id} ({source})")
            case Absent(source=source):
                gone = f"the VM does not exist (404 on {source})"
                yield self._restored(item, facts) or self._of_one_gone(item, facts, gone)

    def _restored(self, item: ProtectedItem, facts: Facts) -> Step | None:
        """Why the VM may soon exist again. None when nobody restores it."""
        busy = why_busy(facts)
        return self.held(item.id, busy) if busy else None

    def _of_one_gone(self, item: ProtectedItem, facts: Facts, gone: str) -> Step:
        match facts.whereabouts:
            case Unknown(reason=reason):
                told = f"not known whether the VM was moved: {reason}"
                return self.held(item.id, told, gone)
            case Known(value=where) if where.same:
                return self._moved(item, where.same, gone)
            case Known(value=where) if where.alike:
                alike = ", ".join(where.alike)
                return self.held(
                    item.id,
                    f"a VM elsewhere has the same name; it may be this VM after a move: {alike}",
                    gone,
                    "if it is another VM, stop the protection by hand",
                )
            case Known(value=where, source=source):
                return self.change(
                    Operation.PUT_PROTECTION,
                    item.id,
                    what="stop the protection of a VM that is gone, and keep its data",
                    why=(
                        gone,
                        (
                            "no VM elsewhere could be this VM after a move; looked at "
                            f"{where.subscriptions} subscriptions ({source})"
                        ),
                        _KEPT,
                    ),
                    before={"protection": item.state, "policy": item.policy_id},
                    after={"protection": "ProtectionStopped", "data": "kept"},
                    impact=Impact.PROTECTION,
                    undo=az_resume(item.id, item.policy_id),
                    body=item_body(item, policyId="", protectionState="ProtectionStopped"),
                )

    def _moved(self, item: ProtectedItem, places: tuple[str, ...], gone: str) -> Step:
        return self.manual(
            item.id,
            f"the VM was moved and is now {', '.join(places)}",
            gone,
            "protect it there, in a vault of its region and subscription. Its old recovery "
            "points stay with the old protection and do not move along, so stop the old protection "
            "only afterwards, and keep its data",
            commands=tuple(_enable_command(item, place) for place in places),
        )


def _enable_command(item: ProtectedItem, place: str) -> str:
    """The command that protects a moved VM.

    It names the same vault if that vault can protect the VM.
    """
    at = ids.ResourceId.parse(item.id)
    there = place.split("/")[2]
    stayed = ids.same_name(at.subscription, there)
    policy = item.policy_id.rsplit("/", 1)[-1] if item.policy_id and stayed else "POLICY"
    group, vault = (at.group, at.names[0]) if stayed else ("GROUP", "VAULT")
    words = ["az", "backup", "protection", "enable-for-vm", "--subscription", there]
    words += ["--resource-group", group, "--vault-name", vault, "--policy-name", policy]
    return shlex.join([*words, "--vm", place])
