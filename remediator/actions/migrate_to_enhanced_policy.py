"""Move a VM's protection from a Standard policy to the vault's Enhanced one."""

from collections.abc import Iterator
from typing import ClassVar, Final, Literal

from remediator.actions._protection import OnProtection, item_body
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.conditions.jobs import why_busy
from remediator.conditions.protection import is_protected
from remediator.facts import Facts, Known, ProtectedItem, Source, Unknown

_EXPIRY: Final = (
    "when recovery points expire is then as the new policy says; an immutable vault refuses a "
    "policy that keeps them for a shorter time"
)


class MigrateToEnhancedPolicy(OnProtection):
    """Give the VM the only Enhanced policy of its vault, in place of its Standard policy.

    There is no way back, and it costs more: the next backup copies all disks in full, and the
    snapshots are of another kind. If the vault has several Enhanced policies, a person chooses.
    """

    changes: ClassVar = frozenset({"enhanced_policy", "policy_type"})
    needs: ClassVar = frozenset(
        {Source.ITEM, Source.ENHANCED_POLICIES, Source.JOBS, Source.OTHER_JOBS}
    )
    action: Literal["migrate-to-enhanced-policy"] = "migrate-to-enhanced-policy"

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One change, or the reason for no change."""
        yield from self.unread(facts)
        if not isinstance(facts.item, Known):
            return
        item, source = facts.item.value, facts.item.source
        match facts.enhanced_policies:
            case Unknown(reason=reason):
                yield self.held(item.id, f"the vault's policies are not known: {reason}")
            case Known(value=found, source=listed) if found.in_use:
                yield self.unchanged(item.id, f"its policy is an Enhanced one ({listed})")
            case Known() if not is_protected(item):
                yield self.held(item.id, f"protection is {item.state} ({source})")
            case Known(value=found, source=listed) if len(found.policies) != 1:
                told = f"the vault has {len(found.policies)} Enhanced policies; a person chooses"
                yield self.held(item.id, f"{told} ({listed})")
            case Known(value=found, source=listed):
                busy = why_busy(facts)
                yield (
                    self.held(item.id, busy)
                    if busy
                    else self._migrate(item, found.policies[0], listed)
                )

    def _migrate(self, item: ProtectedItem, policy: str, source: str) -> Step:
        name = policy.rsplit("/", 1)[-1]
        return self.change(
            Operation.PUT_PROTECTION,
            item.id,
            what=f"move the protection to the Enhanced policy {name}: there is NO WAY BACK, it "
            "costs more, it may take hours, and the next backup copies all disks in full",
            why=(
                f"its policy is Standard; the vault's only Enhanced one is {name} ({source})",
                _EXPIRY,
            ),
            before={"policy": item.policy_id},
            after={"policy": policy},
            impact=Impact.COST,
            undo="none: a VM cannot go back from an Enhanced policy to a Standard one",
            body=item_body(item, policyId=policy),
        )
