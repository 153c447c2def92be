"""Begin to protect a VM that the vault does not protect yet."""

import shlex
from collections.abc import Iterator
from typing import ClassVar, Literal

from remediator.actions._protection import KIND, OnProtection, vault_of
from remediator.change.az_protection import az_stop
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.conditions.protection import is_protected
from remediator.facts import Absent, Facts, Known, Source, Unknown, Vm


class EnableProtection(OnProtection):
    """Protect the VM with the policy that somebody has already chosen for it in this vault.

    This action chooses no policy. If no job tried to configure the VM's backup, a person chooses
    the policy.
    """

    needs: ClassVar = frozenset({Source.ITEM, Source.VM, Source.PROTECTABLE, Source.POLICY_CHOICE})
    needs_to_send: ClassVar = frozenset({Source.OTHER_ITEMS})
    changes: ClassVar = frozenset({"discovered", "protection"})
    action: Literal["enable-protection"] = "enable-protection"

    def needs_more(self, facts: Facts) -> frozenset[Source]:
        """The other vaults, if this one does not list the VM: one of them may protect it."""
        unlisted = isinstance(facts.item, Absent) and isinstance(facts.protectable, Absent)
        return frozenset({Source.OTHER_ITEMS} if unlisted else ())

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One change, or the reason for no change."""
        target = facts.job.vm_id or facts.job.id
        match facts.item:
            case Unknown(reason=reason):
                yield self.held(target, f"protected item not known: {reason}")
            case Known(value=item, source=source) if is_protected(item):
                yield self.unchanged(item.id, f"protection is {item.state} ({source})")
            case Known(value=item, source=source):
                told = "is deleted" if item.deleted else f"protection is {item.state}"
                yield self.held(item.id, f"it was protected before, and {told} ({source})")
            case Absent():
                yield self._elsewhere(target, facts) or self._of_a_new_one(target, facts)

    def _elsewhere(self, target: str, facts: Facts) -> Step | None:
        """Why a VM that another vault knows is not protected here too. None if none knows it.

        A vault that stopped the VM's protection is only named. It does not forbid another one.
        """
        match facts.other_items, facts.protectable:
            case Known(value=items), _ if any(map(is_protected, items)):
                return self.protected_elsewhere(facts, target)
            case Known(value=(item, *_), source=source), Absent():
                state = "deleted, and can still be brought back" if item.deleted else item.state
                told = f"another vault still holds it: {vault_of(item)}, {state} ({source})"
                return self.held(target, told)
            case _:
                return None

    def _of_a_new_one(self, target: str, facts: Facts) -> Step:
        match facts.vm, facts.protectable, facts.policy_choice:
            case (
                (Unknown(reason=reason), _, _)
                | (_, Unknown(reason=reason), _)
                | (_, _, Unknown(reason=reason))
            ):
                return self.held(
                    target, f"cannot tell which VM to protect, and with which policy: {reason}"
                )
            case Absent(source=source), _, _:
                return self.held(target, f"there is no VM to protect ({source})")
            case _, Absent(source=source), _:
                return self.held(
                    target,
                    f"the vault has not discovered the VM, or another vault protects it ({source})",
                )
            case Known(value=vm), _, Known(value=choice) if choice.chosen is None:
                vault = facts.job.vault
                words = ["az", "backup", "protection", "enable-for-vm"]
                words += ["--subscription", vault.subscription, "--resource-group", vault.group]
                words += ["--vault-name", vault.name, "--vm", vm.id, "--policy-name"]
                return self.manual(
                    vm.id,
                    f"a human must choose the policy for its protection: {choice.because}",
                    commands=tuple(
                        shlex.join([*words, each.rsplit("/", 1)[-1]]) for each in choice.policies
                    ),
                )
            case (
                Known(value=vm),
                Known(value=item_id, source=found),
                Known(value=choice, source=source),
            ):
                return self.change(
                    Operation.PUT_PROTECTION,
                    item_id,
                    what=f"protect {vm.name}",
                    why=(
                        f"the vault lists it as protectable ({found})",
                        choice.because,
                        *_trusted_launch(vm),
                    ),
                    before={"protection": None},
                    after={"protection": "Protected", "policy": choice.chosen},
                    impact=Impact.PROTECTION,
                    undo=az_stop(item_id),
                    body={
                        "properties": {
                            "protectedItemType": KIND,
                            "sourceResourceId": vm.id,
                            "policyId": choice.chosen,
                        }
                    },
                )


def _trusted_launch(vm: Vm) -> Iterator[str]:
    """What a Trusted Launch VM needs under a Standard policy. Which policy it is, is not read here.

    Source: "Support matrix for Azure VM backups", 2026-01.
    """
    if (vm.security_type or "").lower() == "trustedlaunch":
        yield (
            "it is a Trusted Launch VM: Azure protects it with a Standard policy only from "
            "api-version 2025-01-01 on; if Azure refuses the policy, give --api-version "
            "Microsoft.RecoveryServices/backup=2025-01-01, or choose an Enhanced policy"
        )
