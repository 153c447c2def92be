"""The key vaults of an encrypted VM: the access to their contents, never the contents."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from remediator import ids
from remediator.facts import Absent, Access, Fact, KeyVault, Known, Readings, Source, Thing, Unknown
from remediator.inspect.wire import dig, items, quoted, text
from remediator.reading import Answer, Api, Query, Reader

VAULT_TYPE = "Microsoft.KeyVault/vaults"


async def look(
    reader: Reader, about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[KeyVault, ...]]:
    """Read each vault that the VM's disks name, and the backup service's roles there.

    If one vault cannot be read, all are unknown: a grant at one of two vaults repairs nothing.
    """
    match await ask(Source.VM):
        case Unknown() as unknown:
            return unknown
        case Absent(source=source):
            return Unknown(f"no such VM ({source})")
        case Known(value=vm, source=source, at=at):
            queries = []
            for vault in vm.key_vaults:
                try:
                    named = ids.ResourceId.parse(vault)
                except ValueError:
                    named = None
                if named is None or not named.is_a(VAULT_TYPE):
                    return Unknown(f"{vault!r} is not the id of a key vault ({source})")
                queries.append(Query(api=Api.KEY_VAULT, path=str(named)))
            answers = await asyncio.gather(*(reader.get(query) for query in queries))
            found = []
            for query, answer in zip(queries, answers, strict=True):
                if answer.body is None:
                    return Unknown(f"there is no such key vault: 404 on {query}")
                found.append(await _parsed(reader, query.path, answer, about))
            told = ", ".join(str(query) for query in queries) or source
            return Known(tuple(found), told, max((a.at for a in answers), default=at))


async def _parsed(reader: Reader, vault_id: str, answer: Answer, about: Readings) -> KeyVault:
    vault = parse(vault_id, answer.body or {})
    service = about.settings.backup_service
    if not vault.rbac or service is None:
        return vault
    query = Query(
        api=Api.ROLES,
        path=f"{vault_id}/providers/Microsoft.Authorization/roleAssignments",
        params=(("$filter", f"principalId eq {quoted(service)}"),),
    )
    rows, _ = await reader.pages(query)
    held = tuple(
        text(row, "properties", "roleDefinitionId")
        for row in rows
        if text(row, "properties", "principalId").lower() == service
        # The list holds assignments at the vault, above it (management groups too), and at single
        # keys.
        and not _is_below(text(row, "properties", "scope"), vault_id)
    )
    return vault.model_copy(update={"roles": held})


def _is_below(scope: str, vault_id: str) -> bool:
    return ids.covers(vault_id, scope) and not ids.same(vault_id, scope)


def parse(vault_id: str, body: dict[str, Any]) -> KeyVault:
    """A key vault, as its resource provider describes it."""
    properties = dig(body, "properties")
    rules = dig(properties, "networkAcls")
    shut = text(properties, "publicNetworkAccess").lower() == "disabled"
    denies = text(rules, "defaultAction").lower() == "deny"
    # Without the field, AzureServices is meant ("REST: Vaults - Get").
    lets_azure_in = text(rules, "bypass").lower() in ("", "azureservices")
    return KeyVault(
        id=vault_id,
        name=ids.ResourceId.parse(vault_id).name,
        tenant=text(properties, "tenantId"),
        rbac=dig(properties, "enableRbacAuthorization") is True,
        access=tuple(
            Access(
                object_id=text(entry, "objectId").lower(),
                keys=_words(entry, "keys"),
                secrets=_words(entry, "secrets"),
            )
            for entry in items(properties, "accessPolicies")
        ),
        roles=None,
        closed=(shut or denies) and not lets_azure_in,
        network=rules if isinstance(rules, dict) else None,
    )


def _words(entry: dict[str, Any], kind: str) -> frozenset[str]:
    told = dig(entry, "permissions", kind)
    return frozenset(str(word).lower() for word in told) if isinstance(told, list) else frozenset()
