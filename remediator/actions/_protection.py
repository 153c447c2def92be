"""Shared by all changes of a VM's protection: the request's exact form, and the undo commands."""

import shlex
from collections.abc import Iterator
from typing import Any

from remediator import ids
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
                vault = active.id.split("/backupFabrics/", 1)[0]
                return self.held(target, f"another vault protects the VM now: {vault} ({source})")


def item_body(item: ProtectedItem, **wanted: Any) -> dict[str, Any]:
    """The request's body. The item's other settings go back as they were read."""
    kept = {} if item.extended is None else {"extendedProperties": item.extended}
    source = {"sourceResourceId": item.vm_id} if item.vm_id else {}
    return {"properties": {"protectedItemType": KIND, **source, **kept, **wanted}}


def az_protection(verb: str, item_id: str, *more: str) -> str:
    """An `az backup protection` command for a protected item."""
    at = ids.ResourceId.parse(item_id)
    vault, _, container, item = at.names
    words = ["az", "backup", "protection", verb, "--subscription", at.subscription]
    words += ["--resource-group", at.group, "--vault-name", vault]
    words += ["--container-name", container, "--item-name", item, *more]
    if verb != "update-for-vm":  # that command is only for VMs, and refuses this option
        words += ["--backup-management-type", "AzureIaasVM"]
    return shlex.join(words)


def az_resume(item_id: str, policy_id: str | None) -> str:
    """The command that resumes a stopped protection."""
    name = policy_id.rsplit("/", 1)[-1] if policy_id else "POLICY"
    return az_protection("resume", item_id, "--policy-name", name)


def az_stop(item_id: str) -> str:
    """The command that stops a protection and keeps its data."""
    return az_protection("disable", item_id, "--yes")
