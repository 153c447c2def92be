"""Searches a VM that is no longer at its place, in all VMs that this identity sees.

A VM keeps its `vmId` and its name when it moves to another group or subscription. The vault still
asks for it at the old place, and Azure answers that it does not exist.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from remediator import ids
from remediator.facts import Absent, Fact, Known, Readings, Source, Thing, Unknown, Whereabouts
from remediator.inspect.vm_id import vm_id_of
from remediator.inspect.wire import text
from remediator.reading import Api, Query, Reader


async def look(
    reader: Reader, about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[Whereabouts]:
    """Search the VM in every subscription. If one cannot be read, the answer is unknown.

    Nothing is searched while the VM is at its place.
    """
    vm_id = await vm_id_of(about, ask)
    if isinstance(vm_id, Unknown):
        return vm_id
    there = await ask(Source.VM)
    if isinstance(there, Known):
        return Known(Whereabouts(same=(), alike=(), subscriptions=0), there.source, there.at)
    own, listed = await asyncio.gather(_own_ids(ask), _every_vm(reader, vm_id))
    if isinstance(listed, Unknown):
        return listed
    rows, subscriptions, latest = listed
    found = parse(rows, vm_id, own, subscriptions)
    told = f"the VM lists of {subscriptions} subscriptions"
    return Known(found, told, latest or about.subject.now)


async def _every_vm(
    reader: Reader, vm_id: str
) -> tuple[list[dict[str, Any]], int, datetime | None] | Unknown:
    """The VMs of all subscriptions, how many these are, and Azure's time of the latest answer."""
    rows, _ = await reader.pages(Query(api=Api.SUBSCRIPTIONS, path="/subscriptions"))
    subscriptions = [each for row in rows if (each := text(row, "subscriptionId"))]
    home = ids.subscription_of(vm_id)
    if not any(ids.same_name(home, each) for each in subscriptions):
        return Unknown(f"subscription {home}, where the VM was, is not among those seen")
    queries = [
        Query(
            api=Api.COMPUTE,
            path=f"/subscriptions/{subscription}/providers/Microsoft.Compute/virtualMachines",
        )
        for subscription in subscriptions
    ]
    lists = await asyncio.gather(*(reader.pages(query) for query in queries))
    latest = max((answer.at for _, answer in lists), default=None)
    return [row for rows, _ in lists for row in rows], len(subscriptions), latest


async def _own_ids(ask: Callable[[Source], Awaitable[Thing[Any]]]) -> frozenset[str]:
    """The `vmId`s in the VM's instant restore points. Empty when the points tell none."""
    match await ask(Source.POINTS):
        case Known(value=points):
            return frozenset(p.vm_unique_id.lower() for p in points if p.vm_unique_id)
        case Absent() | Unknown():
            return frozenset()


def parse(
    rows: list[dict[str, Any]], vm_id: str, own: frozenset[str], subscriptions: int
) -> Whereabouts:
    """Compare the lists of VMs with a VM that was at `vm_id` and had one of its `own` vmIds.

    A VM of the same name proves nothing, unless both VMs tell their vmIds: another group may have
    its own `web`.
    """
    name = vm_id.rsplit("/", 1)[-1]
    same, alike, here = [], [], False
    for row in rows:
        found, unique = text(row, "id"), text(row, "properties", "vmId").lower()
        if ids.same(found, vm_id):
            here = True
        elif unique and unique in own:
            same.append(found)
        elif ids.same_name(text(row, "name"), name) and not (unique and own):
            alike.append(found)
    return Whereabouts(same=tuple(same), alike=tuple(alike), subscriptions=subscriptions, here=here)
