"""Let Azure Backup read the keys and secrets that encrypt the VM's disks."""

from collections.abc import Iterator
from shlex import join
from typing import Any, ClassVar, Literal
from uuid import NAMESPACE_URL, uuid5

from remediator import ids
from remediator.actions import Action
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.conditions.locks import why_not_writable
from remediator.facts import Absent, Facts, KeyVault, Known, Source, Unknown
from remediator.facts.key_access import (
    NEEDED,
    ROLE,
    ROLE_ID,
    encrypted_with_key,
    entry_of,
    standing,
    who_is_asked,
)


class AllowBackupOnKeyVault(Action):
    """Grant the Backup Management Service the documented access, at each key vault of the disks.

    A vault with access policies gets an entry; its other entries stay. A vault with roles gets a
    role assignment. The person gives the service's object id in the tenant: it is never guessed.
    """

    needs: ClassVar = frozenset({Source.VM, Source.KEY_VAULTS, Source.LOCKS})
    changes: ClassVar = frozenset({"key_vault_access"})
    action: Literal["allow-backup-on-key-vault"] = "allow-backup-on-key-vault"

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One change per vault without the access, or the reason for no change."""
        target = facts.job.vm_id or facts.job.id
        match facts.key_vaults:
            case Unknown(reason=reason):
                yield self.held(target, f"key vaults not known: {reason}")
            case Absent(source=source):
                yield self.held(target, f"there is no such key vault: 404 on {source}")
            case Known(value=vaults, source=source):
                for vault in vaults:
                    yield self._at(vault, facts, source)
                if not vaults:
                    yield self.unchanged(target, f"the VM's disks name no key vault ({source})")

    def _at(self, vault: KeyVault, facts: Facts, source: str) -> Step:
        service = who_is_asked(facts)
        if isinstance(service, Unknown):
            return self.held(vault.id, service.reason)
        match standing(vault, service, keys=encrypted_with_key(facts)):
            case Unknown(reason=reason):
                return self.held(vault.id, reason)
            case "granted":
                return self.unchanged(vault.id, f"{service} has what a backup needs ({source})")
            case "denied":
                return self.held(
                    vault.id, f"a deny assignment wins over every role of {service} ({source})"
                )
            case "missing":
                return self._missing(vault, facts, service, source)

    def _missing(self, vault: KeyVault, facts: Facts, service: str, source: str) -> Step:
        if reason := why_not_writable(facts, vault.id):
            return self.held(vault.id, reason)
        app = facts.settings.backup_app_id
        who = f"{service} is the Backup Management Service, as --backup-service-object-id says"
        who += f"; check: az ad sp show --id {app} --query id -o tsv" if app else ""
        why = (
            f"the backup failed because Azure Backup has no access to {vault.name} ({source})",
            who,
        )
        if vault.rbac:
            return self._by_role(vault, service, why)
        return self._by_policy(vault, service, why, keys=encrypted_with_key(facts))

    def _by_policy(
        self, vault: KeyVault, service: str, why: tuple[str, ...], *, keys: bool
    ) -> Step:
        had = entry_of(vault, service)
        what = "the secrets and the keys" if keys else "the secrets"
        more = {"secrets": list(NEEDED)} | ({"keys": list(NEEDED)} if keys else {})
        given: dict[str, Any] = {
            "tenantId": vault.tenant,
            "objectId": service,
            "permissions": more,
        }
        named = ["--name", vault.name, "--object-id", service]
        named += ["--subscription", vault.id.split("/")[2]]
        before = ["--key-permissions", *sorted(had.keys)]
        before += ["--secret-permissions", *sorted(had.secrets)]
        undo = (
            ["az", "keyvault", "set-policy", *named, *before]
            if had.keys or had.secrets
            else ["az", "keyvault", "delete-policy", *named]
        )
        return self.change(
            Operation.ADD_ACCESS_POLICY,
            vault.id,
            what=f"let Azure Backup get, list and back up {what} of {vault.name}",
            why=(*why, "entries of others stay as they are"),
            before={"keys": sorted(had.keys), "secrets": sorted(had.secrets)},
            after={kind: sorted({*getattr(had, kind), *words}) for kind, words in more.items()},
            impact=Impact.SECURITY,
            undo=join(undo),
            body={"properties": {"accessPolicies": [given]}},
        )

    def _by_role(self, vault: KeyVault, service: str, why: tuple[str, ...]) -> Step:
        # The name follows from the assignment's content, so a repeat finds the same assignment.
        name = uuid5(NAMESPACE_URL, f"{ids.normal(vault.id)}|{service}|{ROLE_ID}")
        target = f"{vault.id}/providers/Microsoft.Authorization/roleAssignments/{name}"
        subscription = "/".join(vault.id.split("/")[:3])
        others = len(vault.roles or ())
        reach = (
            f"{ROLE} is the built-in role that Microsoft names for it; it allows more than a "
            "backup needs. A custom role with only the data actions of a backup is enough"
        )
        return self.change(
            Operation.PUT_ROLE_ASSIGNMENT,
            target,
            what=f"give Azure Backup the role {ROLE} at {vault.name}",
            why=(
                *why,
                reach,
                *(
                    (f"its {others} roles there do not give all that a backup needs",)
                    if others
                    else ()
                ),
            ),
            before={"role": None},
            after={"role": ROLE, "at": vault.id},
            impact=Impact.SECURITY,
            undo=join(["az", "role", "assignment", "delete", "--ids", target]),
            body={
                "properties": {
                    "roleDefinitionId": f"{subscription}/providers/Microsoft.Authorization/"
                    f"roleDefinitions/{ROLE_ID}",
                    "principalId": service,
                    "principalType": "ServicePrincipal",
                }
            },
        )
