"""Finds a job from the person's text: its full id in any wrapping, or its bare name and hints."""

import asyncio
from collections.abc import Iterable

from remediator.errors import AzureError, BadInputError
from remediator.ids import is_segment, same_name
from remediator.inspect.wire import text
from remediator.job.job import JobRef, VaultRef
from remediator.job.naming import named
from remediator.reading import Api, Query, Reader
from remediator.value import Value


class Scope(Value):
    """Where to search."""

    subscriptions: tuple[str, ...] = ()
    """If empty, every subscription that the identity sees."""
    resource_group: str | None = None
    vault: str | None = None
    """A vault's ARM id or name."""


async def locate(reader: Reader, job: str, scope: Scope, endpoint: str) -> JobRef:
    """The job that the person means.

    Args:
        reader: reads the cloud.
        job: whatever names exactly one job.
        scope: where to look for a bare name.
        endpoint: the URL of the cloud's Resource Manager.

    Raises:
        BadInputError: the text names no job or several, or no vault or several hold such a job.
        AzureError: it was not found, and not everything could be read.
    """
    typed = named(job, endpoint)
    if isinstance(typed, JobRef):
        return typed
    check_scope(scope)
    vaults, unread = await _vaults(reader, scope)
    if len(vaults) == 1 and scope.vault and not unread:
        return JobRef(vault=vaults[0], name=typed)
    refs = [JobRef(vault=vault, name=typed) for vault in vaults]
    answers = await asyncio.gather(*(_exists(reader, ref) for ref in refs))
    found = [ref for ref, there in zip(refs, answers, strict=True) if there is True]
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(ref.id for ref in found)
        raise BadInputError(f"several vaults hold a job {typed}: {listed}; give the full id")
    told = f"no job {typed} in {len(vaults)} vaults looked at; give its full id, or --vault and "
    unread += [answer for answer in answers if isinstance(answer, AzureError)]
    if unread:
        raise AzureError(
            f"{told}--subscription; not all could be read: {unread[0]}",
            code=unread[0].code,
            status=unread[0].status,
            correlation_id=unread[0].correlation_id,
        )
    raise BadInputError(f"{told}--subscription")


def check_scope(scope: Scope) -> None:
    """Refuse names that would change the path that they are put into.

    Raises:
        BadInputError: with the refused name and its option.
    """
    vault = None if (scope.vault or "").startswith("/") else scope.vault
    named: list[tuple[str, str | None]] = [("--subscription", s) for s in scope.subscriptions]
    named += [("--resource-group", scope.resource_group), ("--vault", vault)]
    for flag, name in named:
        if name is not None and not is_segment(name):
            raise BadInputError(f"{flag} {name!r} is not a name")


async def _exists(reader: Reader, ref: JobRef) -> bool | AzureError:
    try:
        return (await reader.get(Query(api=Api.BACKUP, path=ref.id))).body is not None
    except AzureError as error:
        return error


async def _vaults(reader: Reader, scope: Scope) -> tuple[list[VaultRef], list[AzureError]]:
    """The vaults in scope, and why some could not be listed. A fully named vault needs no list."""
    if scope.vault and scope.vault.startswith("/"):
        return [VaultRef.parse(scope.vault)], []
    if scope.vault and scope.resource_group and len(scope.subscriptions) == 1:
        named = VaultRef(
            subscription=scope.subscriptions[0], group=scope.resource_group, name=scope.vault
        )
        return [named], []
    subscriptions = scope.subscriptions or tuple(await visible_subscriptions(reader))
    answers = await asyncio.gather(*(_listed(reader, s) for s in subscriptions))
    unread = [answer for answer in answers if isinstance(answer, AzureError)]
    listed = [vault for answer in answers if not isinstance(answer, AzureError) for vault in answer]
    return list(_fitting(listed, scope)), unread


async def _listed(reader: Reader, subscription: str) -> list[VaultRef] | AzureError:
    """A subscription's vaults. If it may not be read, the search goes on in the others."""
    try:
        return [VaultRef.parse(vault) for vault in await reader.vaults(subscription)]
    except AzureError as error:
        return error


def _fitting(vaults: Iterable[VaultRef], scope: Scope) -> Iterable[VaultRef]:
    for vault in vaults:
        if scope.vault and not same_name(vault.name, scope.vault):
            continue
        if scope.resource_group and not same_name(vault.group, scope.resource_group):
            continue
        yield vault


async def visible_subscriptions(reader: Reader) -> list[str]:
    """The ids of all subscriptions that this identity sees."""
    rows, _ = await reader.pages(Query(api=Api.SUBSCRIPTIONS, path="/subscriptions"))
    return [text(row, "subscriptionId") for row in rows if text(row, "subscriptionId")]
