"""Recover a deleted key vault that holds the keys or secrets of the VM's disks."""

from collections.abc import Iterator
from shlex import join
from typing import ClassVar, Literal

from remediator import ids
from remediator.actions import Action
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.conditions.locks import why_not_writable
from remediator.facts import Facts, Known, LostKeyVault, Source, Unknown
from remediator.moments import shown


class RecoverKeyVault(Action):
    """Bring back each lost key vault of the disks that is listed as deleted, under its old id.

    Its keys, secrets and access policies come back with it, and so does the access that others had
    by them: this is a change of security. Role assignments at the vault and its locks do not come
    back ("Azure Key Vault soft-delete overview").
    """

    needs: ClassVar = frozenset({Source.VM, Source.LOST_KEY_VAULTS, Source.LOCKS})
    changes: ClassVar = frozenset({"lost_key_vault", "key_vault_access"})
    action: Literal["recover-key-vault"] = "recover-key-vault"

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One change per lost vault, or the reason for no change."""
        target = facts.job.vm_id or facts.job.id
        match facts.lost_key_vaults:
            case Unknown(reason=reason):
                yield self.held(target, f"lost key vaults not known: {reason}")
            case Known(value=lost, source=source):
                # Disks are readable only with all their key vaults. One alone repairs nothing.
                gone = any(vault.problem for vault in lost)
                yield from (self._at(vault, facts, source, gone=gone) for vault in lost)
                if not lost:
                    told = "no key vault that the VM's disks name is missing"
                    yield self.unchanged(target, f"{told} ({source})")

    def _at(self, vault: LostKeyVault, facts: Facts, source: str, *, gone: bool) -> Step:
        if vault.problem:
            return self.held(
                vault.id, f"key vault {vault.name} cannot be recovered: {vault.problem} ({source})"
            )
        if gone:
            return self.held(vault.id, "another key vault of the disks cannot be recovered")
        if reason := why_not_writable(facts, vault.id):
            return self.held(vault.id, reason)
        return self._recover(vault, source)

    def _recover(self, vault: LostKeyVault, source: str) -> Step:
        when = f" at {shown(vault.deleted)}" if vault.deleted else ""
        until = f" until {shown(vault.purged)}" if vault.purged else ""
        named = ids.ResourceId.parse(vault.id)
        undo = ["az", "keyvault", "delete", "--name", vault.name]
        undo += ["--resource-group", named.group, "--subscription", named.subscription]
        return self.change(
            Operation.RECOVER_KEY_VAULT,
            vault.id,
            what=f"recover the deleted key vault {vault.name}",
            why=(
                f"it was deleted{when} and can be recovered{until} ({source})",
                "its keys, secrets and access policies come back, and so does everybody's access",
                "role assignments at the vault and its locks do not come back: make them anew",
            ),
            before={"key vault": "deleted"},
            after={"key vault": "recovered"},
            impact=Impact.SECURITY,
            undo=join(undo),
            # A recovery needs these fields, but it does not set them: the vault comes back as it
            # was. Azure's command line always sends this SKU.
            body={
                "location": vault.location,
                "properties": {
                    "tenantId": vault.tenant,
                    "sku": {"family": "A", "name": "standard"},
                    "createMode": "recover",
                },
            },
        )
