"""The other VMs that the vault backs up with the VM's policy, at the same time."""

from collections.abc import Awaitable, Callable
from typing import Any

from remediator import ids
from remediator.conditions.protection import is_protected
from remediator.facts import Absent, Fact, Known, Neighbours, Readings, Source, Thing, Unknown
from remediator.inspect.item import items_query
from remediator.inspect.item import parse as parse_item
from remediator.reading import Reader


async def look(
    reader: Reader, about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[Neighbours]:
    """Read all VMs that the vault protects, and count those with the item's policy."""
    match await ask(Source.ITEM):
        case Unknown() as unknown:
            return unknown
        case Absent(source=source):
            return Unknown(f"the vault does not protect this VM ({source})")
        case Known(value=item, source=source):
            vault = about.subject.vault
            if item.policy_id is None or vault is None:
                return Unknown(f"the VM has no policy ({source})")
            query = items_query(vault.id)
            rows, answer = await reader.pages(query)
            return Known(parse(rows, item.policy_id), str(query), answer.at)


def parse(rows: list[dict[str, Any]], policy_id: str) -> Neighbours:
    """How many of a vault's protected VMs one policy backs up now."""
    items = [parse_item(row) for row in rows]
    alike = [i for i in items if ids.same(i.policy_id, policy_id) and is_protected(i)]
    return Neighbours(policy_id=policy_id, count=len(alike))
