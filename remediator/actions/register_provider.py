"""Register the VM's subscription with the resource provider of Azure Backup."""

import shlex
from collections.abc import Iterator
from typing import ClassVar, Literal

from remediator.actions import Action
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.conditions.providers import BACKUP, registration
from remediator.facts import Facts, Source, Unknown


class RegisterProvider(Action):
    """Register Microsoft.RecoveryServices in the subscription of the VM, and look until it is.

    A registered provider may act in the subscription. Somebody may have removed it on purpose. So
    it counts as a change of security.
    """

    changes: ClassVar = frozenset({"backup_provider"})
    needs: ClassVar = frozenset({Source.PROVIDERS})
    action: Literal["register-provider"] = "register-provider"

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One change, or the reason for no change."""
        subscription = facts.subject.subscription
        target = f"/subscriptions/{subscription}/providers/{BACKUP}"
        found = registration(facts)
        if isinstance(found, Unknown):
            yield self.held(target, f"not known whether it is registered: {found.reason}")
            return
        state, source = found
        if state.lower() == "registered":
            yield self.unchanged(target, f"{BACKUP} is {state} ({source})")
            return
        named = ["--subscription", subscription, "--namespace", BACKUP]
        yield self.change(
            Operation.REGISTER_PROVIDER,
            target,
            what=f"register subscription {subscription} with {BACKUP}",
            why=(f"{BACKUP} is {state} ({source})",),
            before={"registration": state},
            after={"registration": "Registered"},
            impact=Impact.SECURITY,
            undo="while no vault is in the subscription: "
            + shlex.join(["az", "provider", "unregister", *named]),
        )
