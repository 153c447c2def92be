"""The vault's Enhanced policies, and whether the protected item has one already."""

from collections.abc import Awaitable, Callable
from typing import Any

from remediator import ids
from remediator.facts import (
    Absent,
    Consistency,
    Fact,
    Known,
    Policy,
    Readings,
    Source,
    Thing,
    Unknown,
)
from remediator.facts.enhanced import EnhancedPolicies
from remediator.inspect.policy import parse, policies_query, tells_kind
from remediator.inspect.wire import text
from remediator.reading import Reader


async def look(
    reader: Reader, about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[EnhancedPolicies]:
    """Read the policies of the item's vault. The item's own policy must be among them.

    A policy that does not tell its kind may be an Enhanced one, and there is no way back from one.
    """
    vault = about.subject.vault
    if vault is None:
        return Unknown("no vault is known to protect this VM")
    match await ask(Source.ITEM):
        case Unknown() as unknown:
            return unknown
        case Absent(source=source):
            return Unknown(f"the vault does not protect this VM ({source})")
        case Known(value=item, source=source) if item.policy_id is None:
            return Unknown(f"the protected item names no policy ({source})")
        case Known(value=item):
            query = policies_query(vault.id)
            rows, answer = await reader.pages(query)
            if untold := next((row for row in rows if not tells_kind(row)), None):
                name = text(untold, "name")
                return Unknown(f"policy {name} does not tell the kind of its schedule ({query})")
            policies = tuple(map(parse, rows))
            own = next((each for each in policies if ids.same(each.id, item.policy_id)), None)
            if own is None:
                return Unknown(f"the policy of the protected item is not listed ({query})")
            found = EnhancedPolicies(
                in_use=own.enhanced or item.policy_type == "V2",
                policies=tuple(each.id for each in policies if _fits_every_vm(each)),
            )
            return Known(found, str(query), answer.at)


def _fits_every_vm(policy: Policy) -> bool:
    """Whether a policy is Enhanced and not for crash-consistent points only.

    Such a policy backs up no Ultra or Premium SSD v2 disks.
    """
    return policy.enhanced and policy.consistency is Consistency.APPLICATION
