"""The vault's Enhanced policies, and whether the protected item has one already."""

from collections.abc import Awaitable, Callable
from typing import Any

from remediator import ids
from remediator.facts import Absent, Fact, Known, Readings, Source, Thing, Unknown
from remediator.facts.enhanced import EnhancedPolicies
from remediator.inspect.wire import text
from remediator.reading import Api, Query, Reader


async def look(
    reader: Reader, _about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[EnhancedPolicies]:
    """Read the policies of the item's vault. The item's own policy must be among them."""
    match await ask(Source.ITEM):
        case Unknown() as unknown:
            return unknown
        case Absent(source=source):
            return Unknown(f"the vault does not protect this VM ({source})")
        case Known(value=item, source=source) if item.policy_id is None:
            return Unknown(f"the protected item names no policy ({source})")
        case Known(value=item):
            query = Query(
                api=Api.BACKUP,
                path=item.id.split("/backupFabrics/", 1)[0] + "/backupPolicies",
                params=(("$filter", "backupManagementType eq 'AzureIaasVM'"),),
            )
            rows, answer = await reader.pages(query)
            own = next((row for row in rows if ids.same(text(row, "id"), item.policy_id)), None)
            if own is None:
                return Unknown(f"the policy of the protected item is not listed ({query})")
            found = EnhancedPolicies(
                in_use=is_enhanced(own),
                policies=tuple(text(row, "id") for row in rows if is_enhanced(row)),
            )
            return Known(found, str(query), answer.at)


def is_enhanced(row: dict[str, Any]) -> bool:
    """Whether a policy is an Enhanced one. A policy that does not tell its type is a Standard one.

    Recorded in 2024 and 2025: V2, V1 or nothing.
    """
    return text(row, "properties", "policyType").upper() == "V2"
