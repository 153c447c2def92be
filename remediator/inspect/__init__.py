"""Reads the subscription: one file per kind of Azure resource, from the response to facts.

`inspect` is the only entry point. Each source is read at most once, and independent sources are
read at the same time. A source that needs another source waits only for that one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any, Final, TypeVar

from remediator.errors import AzureError
from remediator.facts import Absent, Known, Readings, Source, Thing, Unknown
from remediator.facts.source import OF_THE_VM
from remediator.inspect import (
    attempts,
    collections,
    compute_usages,
    cpu,
    disk_points,
    disks,
    enhanced_policies,
    groups,
    immutability,
    interfaces,
    item,
    jobs,
    key_vaults,
    locks,
    lost_key_vaults,
    neighbours,
    networks,
    other_items,
    policy,
    policy_choice,
    protectable,
    providers,
    recovery_points,
    resource_guards,
    storage_accounts,
    subscription_tags,
    tag_demands,
    vault_place,
    vm,
    whereabouts,
)
from remediator.inspect.jobs import read_job
from remediator.reading import Reader

__all__ = ["inspect", "read_job"]

R = TypeVar("R", bound=Readings)
Ask = Callable[[Source], Awaitable[Thing[Any]]]
Look = Callable[[Reader, Readings, Ask], Awaitable[Thing[Any]]]

_LOOKS: Final[dict[Source, Look]] = {
    Source.VM: vm.look,
    Source.LOCKS: locks.look,
    Source.COLLECTIONS: collections.look,
    Source.POINTS: collections.look_at_points,
    Source.ITEM: item.look,
    Source.POLICY: policy.look,
    Source.RECOVERY_POINTS: recovery_points.look,
    Source.JOBS: jobs.look,
    Source.OTHER_JOBS: jobs.look_elsewhere,
    Source.DISK_POINTS: disk_points.look,
    Source.GROUPS: groups.look,
    Source.TAG_DEMANDS: tag_demands.look,
    Source.KEY_VAULTS: key_vaults.look,
    Source.LOST_KEY_VAULTS: lost_key_vaults.look,
    Source.OTHER_ITEMS: other_items.look,
    Source.WHEREABOUTS: whereabouts.look,
    Source.POLICY_CHOICE: policy_choice.look,
    Source.PROTECTABLE: protectable.look,
    Source.DISKS: disks.look,
    Source.VAULT_PLACE: vault_place.look,
    Source.STORAGE_ACCOUNTS: storage_accounts.look,
    Source.NETWORKS: networks.look,
    Source.COMPUTE_USAGES: compute_usages.look,
    Source.PROVIDERS: providers.look,
    Source.INTERFACES: interfaces.look,
    Source.CPU: cpu.look,
    Source.NEIGHBOURS: neighbours.look,
    Source.ATTEMPTS: attempts.look,
    Source.SUBSCRIPTION_TAGS: subscription_tags.look,
    Source.ENHANCED_POLICIES: enhanced_policies.look,
    Source.IMMUTABILITY: immutability.look,
    Source.RESOURCE_GUARDS: resource_guards.look,
}


async def inspect(reader: Reader, about: R, wanted: Iterable[Source]) -> R:
    """The readings, after the wanted sources that were not read yet have been read.

    A source that cannot be read becomes `Unknown` with the reason. This function does not raise for
    it.

    A VM may lie in another subscription than its vault, and its job may not say so. Until the
    protected item is read, the VM is searched at the presumed place. If the item tells another
    place, everything is read again there.
    """
    asked = frozenset(wanted)
    if not about.subject.place_told and asked & OF_THE_VM:
        asked |= {Source.ITEM}
    found = await _look(reader, about, asked)
    if found.subject.place_told or Source.ITEM not in found.read():
        return found
    match found.item:
        case Known(value=item) if item.vm_id is not None:
            return await _look(reader, found.placed(item.vm_id), asked)
        case Known(source=source):
            return found.without_place(f"its protected item does not say which VM it is ({source})")
        case Unknown(reason=reason):
            return found.without_place(f"the VM's place is not known: {reason}")
        case Absent():
            # Only the job speaks of the VM. So the VM lies in the vault's own subscription.
            return found


async def _look(reader: Reader, about: R, wanted: frozenset[Source]) -> R:
    """Read the wanted sources that were not read yet, each once."""
    tasks: dict[Source, asyncio.Task[Thing[Any]]] = {}
    had = about.read()

    async def look(source: Source) -> Thing[Any]:
        try:
            return await _LOOKS[source](reader, about, ask)
        except AzureError as error:
            return Unknown(str(error))

    def ask(source: Source) -> Awaitable[Thing[Any]]:
        if source in had:
            return _already(about.about(source))
        if source not in tasks:
            tasks[source] = asyncio.ensure_future(look(source))
        return tasks[source]

    for source in wanted - had:
        ask(source)
    while pending := [task for task in tasks.values() if not task.done()]:
        await asyncio.gather(*pending)
    found: dict[str, Any] = {source.value: task.result() for source, task in tasks.items()}
    return _agreed(replace(about, **found))


def _agreed(about: R) -> R:
    """The readings, with `Unknown` for a fact about which two answers contradict each other."""
    match about.vm, about.whereabouts:
        case Absent(source=source), Known(value=where, source=listed) if where.here:
            told = f"404 on {source}, but it is at its place in {listed}"
            return replace(
                about,
                vm=Unknown(
                    "not known whether the VM exists, because two answers contradict each other: "
                    f"{told}"
                ),
            )
        case _:
            return about


async def _already(fact: Thing[Any]) -> Thing[Any]:
    return fact
