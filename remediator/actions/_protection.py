"""Shared by all changes of a VM's protection: the request's exact form."""

from collections.abc import Iterator
from typing import Any

from remediator.actions import Action
from remediator.change.step import Held
from remediator.conditions.protection import is_protected
from remediator.facts import Absent, Facts, Known, ProtectedItem, Unknown

KIND = "Microsoft.Compute/virtualMachines"
"""The protectedItemType of a VM of Resource Manager. For the type of its base class,
AzureIaaSVMProtectedItem, Azure answers 400 (Azure/azure-sdk-for-net#57105)."""


class OnProtection(Action):
    """An action whose target is the VM's protected item."""

    def unread(self, facts: Facts, *, absent: str | None = None) -> Iterator[Held]:
        """Why nothing can be planned for an item that is unknown or absent."""
        target = facts.job.vm_id or facts.job.id
        match facts.item:
            case Unknown(reason=reason):
                yield self.held(target, f"protected item not known: {reason}")
            case Absent(source=source):
                yield self.held(target, absent or f"the vault does not protect this VM ({source})")
            case Known():
                return

    def protected_elsewhere(self, facts: Facts, target: str) -> Held | None:
        """Why the VM cannot be protected here: another vault protects it, or may.

        None when none does.
        """
        match facts.other_items:
            case Unknown(reason=reason):
                return self.held(target, f"not known whether another vault protects it: {reason}")
            case Known(value=items, source=source):
                active = next((item for item in items if is_protected(item)), None)
                if active is None:
                    return None
                told = f"another vault protects the VM now: {vault_of(active)} ({source})"
                return self.held(target, told)


def vault_of(item: ProtectedItem) -> str:
    """The id of the vault that holds a protected item."""
    return item.id.split("/backupFabrics/", 1)[0]


def item_body(item: ProtectedItem, **wanted: Any) -> dict[str, Any]:
    """The request's body. The item's other settings go back as they were read."""
    kept = {} if item.extended is None else {"extendedProperties": item.extended}
    source = {"sourceResourceId": item.vm_id} if item.vm_id else {}
    return {"properties": {"protectedItemType": KIND, **source, **kept, **wanted}}
