"""The VM of a job. The container's name tells it; otherwise the protected item does."""

from collections.abc import Awaitable, Callable
from typing import Any

from remediator.facts import Absent, Known, Readings, Source, Thing, Unknown


async def vm_id_of(
    about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> str | Unknown:
    """The VM's ARM id, or the reason why it is not known."""
    if about.subject.vm_id is not None:
        return about.subject.vm_id
    match await ask(Source.ITEM):
        case Unknown() as unknown:
            return unknown
        case Known(value=item) if item.vm_id is not None:
            return str(item.vm_id)
        case Known() | Absent():
            return Unknown("neither the person, the job nor the protected item names a VM")
