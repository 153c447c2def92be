"""Finding a job by what the person typed: a full id, or a bare name and what else is known."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from remediator.errors import AzureError, BadInputError
from remediator.ids import is_segment
from remediator.inspect.wire import text
from remediator.job import JobRef, VaultRef, is_bare_job_name
from remediator.reading import Api, Query, Reader
from remediator.value import Value


class Scope(Value):
    """Where to look."""

    subscriptions: tuple[str, ...] = ()
    """Empty: every subscription that the identity sees."""
    resource_group: str | None = None
    vault: str | None = None
    """A vault's ARM id or name."""


async def locate(reader: Reader, typed: str, scope: Scope) -> JobRef:
    """The job that the person means.

    Raises:
        BadInputError: the text is neither an id nor a name, or no vault or several hold such a job.
        AzureError: the vaults could not be listed.
    """
    typed = typed.strip()
    if typed.startswith("/"):
        return JobRef.parse(typed)
    if not is_bare_job_name(typed):
        raise BadInputError(
            f"{typed!r} is neither a job's ARM id (/subscriptions/…/backupJobs/J) nor its bare name"
        )
    check_scope(scope)
    vaults = [vault async for vault in _vaults(reader, scope)]
    if len(vaults) == 1 and scope.vault:
        return JobRef(vault=vaults[0], name=typed)
    refs = [JobRef(vault=vault, name=typed) for vault in vaults]
    answers = await asyncio.gather(*(_exists(reader, ref) for ref in refs))
    found = [ref for ref, there in zip(refs, answers, strict=True) if there is True]
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(ref.id for ref in found)
        raise BadInputError(f"several vaults hold a job {typed}: {listed}; give the full id")
    unread = [str(answer) for answer in answers if isinstance(answer, AzureError)]
    hint = f"; not all could be read: {unread[0]}" if unread else ""
    raise BadInputError(
        f"no job {typed} in {len(vaults)} vaults looked at; give its full id, or --vault and "
        f"--subscription{hint}"
    )


def check_scope(scope: Scope) -> None:
    """Refuse names that would change the path they are put into.

    Raises:
        BadInputError: which one, and by which option it came.
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


async def _vaults(reader: Reader, scope: Scope) -> AsyncIterator[VaultRef]:
    """The vaults in scope; named in full, none has to be listed."""
    if scope.vault and scope.vault.startswith("/"):
        yield VaultRef.parse(scope.vault)
        return
    if scope.vault and scope.resource_group and len(scope.subscriptions) == 1:
        yield VaultRef(
            subscription=scope.subscriptions[0], group=scope.resource_group, name=scope.vault
        )
        return
    subscriptions = scope.subscriptions or tuple(await visible_subscriptions(reader))
    for listed in await asyncio.gather(*(reader.vaults(s) for s in subscriptions)):
        for vault in _fitting(map(VaultRef.parse, listed), scope):
            yield vault


def _fitting(vaults: Iterable[VaultRef], scope: Scope) -> Iterable[VaultRef]:
    for vault in vaults:
        if scope.vault and vault.name.lower() != scope.vault.lower():
            continue
        if scope.resource_group and vault.group.lower() != scope.resource_group.lower():
            continue
        yield vault


async def visible_subscriptions(reader: Reader) -> list[str]:
    """The ids of all subscriptions that this identity sees."""
    rows, _ = await reader.pages(Query(api=Api.SUBSCRIPTIONS, path="/subscriptions"))
    return [text(row, "subscriptionId") for row in rows if text(row, "subscriptionId")]
