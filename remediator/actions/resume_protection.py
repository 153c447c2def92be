"""Resume a protection that was stopped or paused."""

from collections.abc import Iterator
from typing import ClassVar, Final, Literal

from remediator.actions._protection import OnProtection, item_body
from remediator.change.az_protection import az_resume, az_stop
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.conditions.protection import is_protected
from remediator.facts import Absent, Facts, Known, ProtectedItem, Source, Unknown

_DISKS: Final = (
    "a choice of disks may be lost when a protection is stopped: look whether it must be set again"
)
"""From "Selective disk backup and restore for Azure virtual machines" (2026-01-23)."""


class ResumeProtection(OnProtection):
    """Protect the VM again with the policy that it had.

    If that policy is not known, or no longer in the vault, a person chooses one: a policy decides
    when recovery points expire.
    """

    needs: ClassVar = frozenset({Source.ITEM, Source.OTHER_ITEMS, Source.VM, Source.POLICY_CHOICE})
    changes: ClassVar = frozenset({"protection"})
    action: Literal["resume-protection"] = "resume-protection"

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One change, or the reason for no change."""
        yield from self.unread(facts)
        if not isinstance(facts.item, Known):
            return
        item, source = facts.item.value, facts.item.source
        if is_protected(item):
            yield self.unchanged(item.id, f"protection is {item.state} ({source})")
        elif item.deleted:
            yield self.held(item.id, f"it is deleted, and has to be brought back first ({source})")
        else:
            yield self._of_a_stopped_one(item, facts)

    def _of_a_stopped_one(self, item: ProtectedItem, facts: Facts) -> Step:
        match facts.vm, facts.policy_choice:
            case Unknown(reason=reason), _:
                return self.held(item.id, f"VM not known: {reason}")
            case Absent(source=source), _:
                return self.held(item.id, f"there is no VM to back up ({source})")
            case _, Unknown(reason=reason):
                return self.held(item.id, f"its policy is not known: {reason}")
            case _, Known(value=choice) if choice.chosen is None:
                return self.manual(
                    item.id,
                    f"a human must choose its policy: {choice.because}",
                    commands=tuple(az_resume(item.id, each) for each in choice.policies),
                )
            case _, Known(value=choice, source=source):
                return self.protected_elsewhere(facts, item.id) or self.change(
                    Operation.PUT_PROTECTION,
                    item.id,
                    what=f"resume the protection of {facts.job.vm_name or item.name}",
                    why=(f"protection is {item.state}", f"{choice.because} ({source})", _DISKS),
                    before={"protection": item.state},
                    after={"protection": "Protected", "policy": choice.chosen},
                    impact=Impact.PROTECTION,
                    undo=az_stop(item.id),
                    body=item_body(item, policyId=choice.chosen),
                )
