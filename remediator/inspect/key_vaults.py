"""The key vaults of an encrypted VM: the access to their contents, never the contents."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from remediator import ids
from remediator.errors import AzureError
from remediator.facts import Absent, Access, KeyVault, Known, Readings, Source, Thing, Unknown, Vm
from remediator.facts.grants import Grant
from remediator.facts.key_access import ROLE_ID
from remediator.inspect.permissions import patterns
from remediator.inspect.wire import dig, items, quoted, text
from remediator.reading import Answer, Api, Query, Reader

VAULT_TYPE = "Microsoft.KeyVault/vaults"
_DEFINITION = re.compile(
    r"(/[^/?#]+)*/providers/Microsoft\.Authorization/roleDefinitions/[0-9a-f-]{36}", re.IGNORECASE
)
"""The id of a role's definition."""


async def look(
    reader: Reader, about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Thing[tuple[KeyVault, ...]]:
    """Read each vault that the VM's disks name, and the backup service's roles there.

    If one vault cannot be read, all are unknown: a grant at one of two vaults repairs nothing. If
    one does not exist, this is the answer.
    """
    match await ask(Source.VM):
        case Unknown() as unknown:
            return unknown
        case Absent(source=source):
            return Unknown(f"no such VM ({source})")
        case Known(value=vm, source=source, at=at):
            queries = queries_for(vm, source)
            if isinstance(queries, Unknown):
                return queries
            answers = await asyncio.gather(*(reader.get(query) for query in queries))
            found = []
            for query, answer in zip(queries, answers, strict=True):
                if answer.body is None:
                    return Absent(str(query), answer.at)
                found.append(await _parsed(reader, query.path, answer, about))
            told = ", ".join(str(query) for query in queries) or source
            return Known(tuple(found), told, max((a.at for a in answers), default=at))


def queries_for(vm: Vm, source: str) -> list[Query] | Unknown:
    """The requests for the key vaults that the VM's disks name."""
    queries = []
    for vault in vm.key_vaults:
        try:
            named = ids.ResourceId.parse(vault)
        except ValueError:
            named = None
        if named is None or not named.is_a(VAULT_TYPE):
            return Unknown(f"{vault!r} is not the id of a key vault ({source})")
        queries.append(Query(api=Api.KEY_VAULT, path=str(named)))
    return queries


async def _parsed(reader: Reader, vault_id: str, answer: Answer, about: Readings) -> KeyVault:
    vault = parse(vault_id, answer.body or {})
    service = about.settings.backup_service
    if not vault.rbac or service is None:
        return vault
    (held, sure), denied = await asyncio.gather(
        _roles(reader, vault_id, service), _denials(reader, vault_id, service)
    )
    return vault.model_copy(
        update={
            "roles": tuple(text(row, "properties", "roleDefinitionId") for row in held),
            "granted": sure,
            "denied": denied,
        }
    )


async def _roles(
    reader: Reader, vault_id: str, service: str
) -> tuple[list[dict[str, Any]], tuple[Grant, ...]]:
    """The service's role assignments at the vault or above, and the data actions that they give."""
    rows = [
        row
        for row in await _assigned(reader, vault_id, "roleAssignments", service)
        if text(row, "properties", "principalId").lower() == service
        # The list holds assignments at the vault, above it (management groups too), and at single
        # keys.
        and not _is_below(text(row, "properties", "scope"), vault_id)
    ]
    given = await asyncio.gather(*(_given_by(reader, row) for row in rows))
    return rows, tuple(grant for each in given for grant in each)


_UNREAD: Final = Grant(actions=("Microsoft.KeyVault/vaults/*",), not_actions=(), conditional=True)
"""A role whose definition was not read: it may give everything."""


async def _given_by(reader: Reader, row: dict[str, Any]) -> tuple[Grant, ...]:
    """The data actions of an assignment's role."""
    role = text(row, "properties", "roleDefinitionId")
    conditional = bool(text(row, "properties", "condition"))
    if role.lower().endswith(f"/{ROLE_ID}"):
        everything = ("Microsoft.KeyVault/vaults/*",)
        return (Grant(actions=everything, not_actions=(), conditional=conditional),)
    if not _DEFINITION.fullmatch(role):
        return (_UNREAD,)
    try:
        answer = await reader.get(Query(api=Api.ROLES, path=role))
    except AzureError:
        return (_UNREAD,)
    if answer.body is None:
        return (_UNREAD,)
    sets = items(answer.body, "properties", "permissions")
    return tuple(_data_actions(each, conditional=conditional) for each in sets)


async def _denials(reader: Reader, vault_id: str, service: str) -> tuple[Grant, ...]:
    """The data actions that deny assignments take away. None if they cannot be read."""
    try:
        rows = await _assigned(reader, vault_id, "denyAssignments", service)
        return tuple(
            _data_actions(each)
            for row in rows
            if ids.covers(text(row, "properties", "scope"), vault_id)
            for each in items(row, "properties", "permissions")
        )
    except AzureError:
        return ()


async def _assigned(reader: Reader, vault_id: str, kind: str, service: str) -> list[dict[str, Any]]:
    query = Query(
        api=Api.ROLES,
        path=f"{vault_id}/providers/Microsoft.Authorization/{kind}",
        params=(("$filter", f"principalId eq {quoted(service)}"),),
    )
    rows, _ = await reader.pages(query)
    return rows


def _data_actions(permissions: dict[str, Any], *, conditional: bool = False) -> Grant:
    return Grant(
        actions=patterns(permissions, "dataActions"),
        not_actions=patterns(permissions, "notDataActions"),
        conditional=conditional or bool(text(permissions, "condition")),
    )


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
