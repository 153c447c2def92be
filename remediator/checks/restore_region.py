"""The region and subscription of a failed restore: networks, quotas, groups, providers."""

from typing import Final

from remediator.checks.check import Answer, Area, Check, failed, left_open, not_there, passed
from remediator.facts import Absent, Known, Readings, Source, Unknown
from remediator.job.restore_needs import same_region
from remediator.language import marked

GROUP_LIMIT: Final = 980
"""The most resource groups in a subscription, from "Azure subscription and service limits"."""

_TOTALS: Final = ("cores", "virtualmachines")


def _network(about: Readings) -> Answer:
    if isinstance(about.networks, Unknown):
        return not_there(about.networks, "virtual network")
    if isinstance(about.vault_place, Unknown | Absent):
        return not_there(about.vault_place, "vault")
    source, region = about.networks.source, about.vault_place.value
    there = [n for n in about.networks.value if same_region(n.location, region)]
    with_subnets = [f"{n.name} ({', '.join(n.subnets)})" for n in there if n.subnets]
    if not with_subnets:
        return failed(
            "no virtual network in {region} has a subnet",
            source,
            marked("Make a virtual network with a subnet in the vault's region and subscription."),
            region=region,
        )
    return left_open(
        "the job names no network; in {region} there are: {networks}",
        source,
        region=region,
        networks="; ".join(with_subnets),
    )


def _quota(about: Readings) -> Answer:
    match about.compute_usages:
        case Unknown() as unknown:
            return not_there(unknown, "quota")
        case Known(value=usages, source=source):
            full = [usage for usage in usages if usage.is_full]
            shown = full or [usage for usage in usages if usage.name.lower() in _TOTALS]
            told = ", ".join(f"{u.name} {u.current} of {u.limit}" for u in shown)
            if not shown:
                return left_open("Azure names no quota", source)
            if not full:
                return passed("room is left: {quotas}", source, quotas=told)
            return failed(
                "used up: {quotas}",
                source,
                marked("Ask for a higher quota, or take a size of another family, or free some."),
                quotas=told,
            )


def _groups(about: Readings) -> Answer:
    match about.groups:
        case Unknown() as unknown:
            return not_there(unknown, "resource group")
        case Known(value=groups, source=source):
            told = {"count": len(groups), "limit": GROUP_LIMIT}
            if len(groups) < GROUP_LIMIT:
                return passed("{count} of {limit} resource groups", source, **told)
            return failed(
                "{count} resource groups, and {limit} is the limit",
                source,
                marked("Delete resource groups that nobody needs, or restore into one you have."),
                **told,
            )


def _providers(about: Readings) -> Answer:
    match about.providers:
        case Unknown() as unknown:
            return not_there(unknown, "resource provider")
        case Known(value=providers, source=source):
            lacking = [provider for provider in providers if not provider.is_registered]
            told = ", ".join(f"{p.namespace} {p.state}" for p in lacking or providers)
            if not lacking:
                return passed("{providers}", source, providers=told)
            return failed(
                "not there: {providers}",
                source,
                marked("Register what is not registered: az provider register"),
                providers=told,
            )


CHECKS: Final = (
    Check(
        "restore-network",
        Area.RESTORE,
        "There is a network to restore a VM into",
        frozenset({Source.NETWORKS, Source.VAULT_PLACE}),
        _network,
        of_restore=True,
    ),
    Check(
        "restore-quota",
        Area.RESTORE,
        "The region's compute quotas have room",
        frozenset({Source.COMPUTE_USAGES}),
        _quota,
        of_restore=True,
    ),
    Check(
        "restore-groups",
        Area.RESTORE,
        "There is room for another resource group",
        frozenset({Source.GROUPS}),
        _groups,
        of_restore=True,
    ),
    Check(
        "restore-providers",
        Area.RESTORE,
        "The subscription has the resource providers",
        frozenset({Source.PROVIDERS}),
        _providers,
        of_restore=True,
    ),
)
