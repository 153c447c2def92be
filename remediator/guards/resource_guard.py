"""The vault's Resource Guard: a critical change needs the consent of the guard's owner.

Azure refuses such a change unless its request names the guard's operation request, and its sender
has the role Backup MUA Operator on the guard ("Multi-user authorization using Resource Guard").
This tool never names one: the consent is meant for one person and one change. So the change is held
before Azure refuses it, and the plan tells whom to ask for what.

Only what the vault's proxy of the guard lists is held. If the proxies cannot be read, nothing is
held. If Azure then refuses the change, its refusal tells the same.
"""

from collections.abc import Iterable
from typing import Final

from remediator import ids
from remediator.change.az_protection import az_set_policy, az_stop
from remediator.change.operations import Operation
from remediator.change.step import Change
from remediator.facts import Known, Source
from remediator.facts.resource_guards import Guarded, GuardProxy
from remediator.guards.case import Case, Refusal

_ITEMS: Final = (
    "microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems"
)
_UPDATE: Final = f"{_ITEMS}/write"
_STOP: Final = f"{_ITEMS}/write#stopprotectionwithretaindata"

CRITICAL: Final = frozenset({Operation.PUT_PROTECTION})
"""The operations of which some changes are critical."""


def needs_more(changes: Iterable[Change]) -> frozenset[Source]:
    """The vault's proxies, if one of the changes is a critical one."""
    return frozenset({Source.RESOURCE_GUARDS} if any(map(_critical, changes)) else ())


def judge(case: Case) -> Refusal | None:
    """Refuse if a guard protects what one of the changes does."""
    match case.facts.resource_guards:
        case Known(value=proxies, source=source):
            found = (_guarded(change, proxies, source) for change in case.changes)
            return next((refusal for refusal in found if refusal), None)
        case _:
            return None


def _critical(change: Change) -> str | None:
    """The critical operation that a change is, as a guard names it. None for another change.

    Whether the choice of disks is critical, nobody documents. So it is not held.
    """
    wanted = (change.request.body or {}).get("properties") or {}
    # A deleted item that is brought back is in this state too. That weakens nothing.
    if change.operation is not Operation.PUT_PROTECTION:
        return None
    if wanted.get("protectionState") == "ProtectionStopped" and "isRehydrate" not in wanted:
        return _STOP
    # Critical only if the new policy keeps points for a shorter time, which is not compared here.
    had, gets = change.before.get("policy"), change.after.get("policy")
    return _UPDATE if had and gets and not ids.same(had, gets) else None


def _guarded(change: Change, proxies: tuple[GuardProxy, ...], source: str) -> Refusal | None:
    critical = _critical(change)
    for proxy in proxies:
        for each in proxy.guarded:
            if each.operation.lower() == critical:
                return _refusal(change, proxy, each, source)
    return None


def _refusal(change: Change, proxy: GuardProxy, guarded: Guarded, source: str) -> Refusal:
    guard = proxy.guard or "which the vault does not name"
    request = f" Its operation request is {guarded.request}." if guarded.request else ""
    told = (
        "The vault is under multi-user authorization. Ask the owner of the Resource Guard "
        f"({guard}) for the role Backup MUA Operator on it for a time.{request} Then make the "
        "change yourself, in the portal or with this command: they send the operation request "
        "along, and this tool does not. If the guard is in another tenant, add --tenant-id."
    )
    return Refusal(
        "resource-guard",
        change.target,
        f"a Resource Guard protects this operation: {guard} ({source})",
        human=(told,),
        commands=(_command(change),),
    )


def _command(change: Change) -> str:
    """The command with which a person makes the change."""
    policy = change.after.get("policy")
    return az_set_policy(change.target, policy) if policy else az_stop(change.target)
