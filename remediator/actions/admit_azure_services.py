"""Let Azure's trusted services, such as Azure Backup, through the firewall of a key vault."""

from collections.abc import Iterator
from shlex import join
from typing import ClassVar, Literal

from remediator.actions import Action
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.conditions.locks import why_not_writable
from remediator.facts import Absent, Facts, KeyVault, Known, Source, Unknown


class AdmitAzureServices(Action):
    """Set the firewall's bypass to AzureServices, at each key vault of the disks that is closed.

    The other rules of the firewall stay as they are. A service that is let through still needs
    access to the keys.
    """

    changes: ClassVar = frozenset({"key_vault_access"})
    needs: ClassVar = frozenset({Source.VM, Source.KEY_VAULTS, Source.LOCKS})
    action: Literal["admit-azure-services"] = "admit-azure-services"

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One change per closed vault, or the reason for no change."""
        target = facts.job.vm_id or facts.job.id
        match facts.key_vaults:
            case Unknown(reason=reason):
                yield self.held(target, f"key vaults not known: {reason}")
            case Absent(source=source):
                yield self.held(target, f"there is no such key vault: 404 on {source}")
            case Known(value=vaults, source=source):
                closed = [vault for vault in vaults if vault.closed]
                yield from (self._at(vault, facts, source) for vault in closed)
                if not closed:
                    told = "no key vault of the disks keeps out Azure's trusted services"
                    yield self.unchanged(target, f"{told} ({source})")

    def _at(self, vault: KeyVault, facts: Facts, source: str) -> Step:
        if reason := why_not_writable(facts, vault.id):
            return self.held(vault.id, reason)
        rules = dict(vault.network or {})
        # The rules go back as a whole: whether a PATCH keeps those that it does not name is not
        # documented.
        return self.change(
            Operation.UPDATE_KEY_VAULT,
            vault.id,
            what=f"let Azure's trusted services through the firewall of {vault.name}",
            why=(
                f"its firewall keeps out Azure's trusted services, and so Azure Backup ({source})",
                "its other rules stay as they are",
            ),
            before={"bypass": rules.get("bypass")},
            after={"bypass": "AzureServices"},
            impact=Impact.SECURITY,
            undo=join(
                [
                    *("az", "keyvault", "update", "--name", vault.name),
                    *("--subscription", vault.id.split("/")[2], "--bypass", "None"),
                ]
            ),
            body={"properties": {"networkAcls": rules | {"bypass": "AzureServices"}}},
        )
