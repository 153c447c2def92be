"""The storage account in which a failed restore was to put its data."""

from collections.abc import Callable
from typing import Final

from remediator import ids
from remediator.checks.check import Answer, Area, Check, failed, left_open, not_there, passed
from remediator.facts import Absent, Readings, Source, Unknown
from remediator.job.restore_needs import StorageAccount, same_region
from remediator.language import marked

_KINDS: Final = ("storage", "storagev2")
_SKUS: Final = ("standard_lrs", "standard_grs", "standard_ragrs", "standard_zrs")
"""From "How to restore Azure VM data in Azure portal" (2026-01-23). It names neither accounts that
are both zone-redundant and geo-redundant, nor newer kinds: whether they will do is not known."""

Tell = Callable[[StorageAccount, str, str], Answer]


def _usable(account: StorageAccount) -> bool | None:
    """Whether every restore may use the account. None when Azure or its documents do not say it."""
    if account.kind and account.kind.lower() not in _KINDS:
        return False
    return True if account.kind and account.sku.lower() in _SKUS else None


def _premium(account: StorageAccount) -> bool:
    return account.sku.lower().startswith("premium_")


def _of_account(tell: Tell) -> Callable[[Readings], Answer]:
    """A check of the account that the job names. Without a name, the usable accounts are listed."""

    def look(about: Readings) -> Answer:
        if isinstance(about.storage_accounts, Unknown):
            return not_there(about.storage_accounts, "storage account")
        if isinstance(about.vault_place, Unknown | Absent):
            return not_there(about.vault_place, "vault")
        accounts, source = about.storage_accounts.value, about.storage_accounts.source
        region = about.vault_place.value
        there = [a.name for a in accounts if same_region(a.location, region) and _usable(a)]
        would_do = ", ".join(there) or "-"
        target = about.subject.restore.storage_account if about.subject.restore else None
        if target is None:
            return left_open(
                "the job names no storage account; in {region} would do: {accounts}",
                source,
                region=region,
                accounts=would_do,
            )
        for account in accounts:
            if ids.same_name(account.name, target):
                return tell(account, region, source)
        return failed(
            "there is no storage account {account} in this subscription",
            source,
            marked("Restore to an account that exists; in {region} would do: {accounts}"),
            account=target,
            region=region,
            accounts=would_do,
        )

    return look


def _region(account: StorageAccount, region: str, source: str) -> Answer:
    told = {"account": account.name, "location": account.location, "region": region}
    if same_region(account.location, region):
        return passed("{account} is in {location}, as the vault", source, **told)
    return failed(
        "{account} is in {location}, the vault in {region}",
        source,
        marked("Restore to a storage account in {region}, and copy the data from there."),
        **told,
    )


def _kind(account: StorageAccount, _region: str, source: str) -> Answer:
    told = {"account": account.name, "kind": account.kind, "sku": account.sku}
    match _usable(account):
        case True:
            return passed("{account} is {kind}, {sku}", source, **told)
        case False:
            return failed(
                "{account} is {kind}, {sku}",
                source,
                marked(
                    "Restore to a general-purpose account with Standard_LRS, Standard_GRS or "
                    "Standard_ZRS."
                ),
                **told,
            )
    if _premium(account):
        return left_open(
            "{account} is {kind}, {sku}: only a VM with premium disks can be restored to it",
            source,
            **told,
        )
    return left_open(
        "{account} is {kind}, {sku}; whether that will do is not known", source, **told
    )


def _online(account: StorageAccount, _region: str, source: str) -> Answer:
    match account.online:
        case None:
            return left_open("the state of {account} is not known", source, account=account.name)
        case True:
            return passed("{account} is available", source, account=account.name)
        case False:
            return failed(
                "{account} is not available",
                source,
                marked("Wait until its region is well again, or restore to another account."),
                account=account.name,
            )


def _network(account: StorageAccount, _region: str, source: str) -> Answer:
    match account.open_network:
        case None:
            return left_open(
                "the network rules of {account} are not known", source, account=account.name
            )
        case True:
            return passed("{account} lets all networks in", source, account=account.name)
        case False if _premium(account):
            return failed(
                "{account} lets only some networks in",
                source,
                marked(
                    "A restore with managed disks cannot use such a premium account: restore to "
                    "one without network rules, or let all networks in while the restore runs."
                ),
                account=account.name,
            )
        case False:
            return left_open(
                "{account} lets only some networks in; if it uses service endpoints, a restore "
                "needs all networks",
                source,
                account=account.name,
            )


def _check(name: str, title: str, tell: Tell) -> Check:
    needs = frozenset({Source.STORAGE_ACCOUNTS, Source.VAULT_PLACE})
    return Check(name, Area.RESTORE, title, needs, _of_account(tell), of_restore=True)


CHECKS: Final = (
    _check(
        "restore-storage-region",
        marked("The storage account of the restore is in the vault's region"),
        _region,
    ),
    _check("restore-storage-kind", marked("The storage account is of a supported kind"), _kind),
    _check("restore-storage-online", marked("The storage account is online"), _online),
    _check("restore-storage-network", marked("The storage account has no network rules"), _network),
)
