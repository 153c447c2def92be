"""Assumptions about protected items, policies and recovery points of vaults."""

from typing import Any, Final

from remediator.assumptions.assumption import Area, Assumption, Counts, every, some
from remediator.assumptions.seen import Seen, Thing, path_of
from remediator.recording.pair import Pair

_TIERS: Final = frozenset({"InstantRP", "HardenedRP", "ArchivedRP", "Invalid"})
_ABSENT: Final = frozenset(
    {"backupjobs", "backuppolicies", "protecteditems", "recoverypoints", "operationsstatus"}
)


def _tiers(seen: Seen, *, newer: bool) -> list[dict[str, Any]]:
    return [
        tier
        for point in seen.points
        if point.newer is newer
        for tier in point.rows("properties", "recoveryPointTierDetails")
    ]


def _absent_things(seen: Seen) -> Counts:
    """The answers of a vault about a thing that it does not have."""
    asked = [
        pair
        for pair in seen.errors
        if pair.status == 404
        and path_of(pair)[-2:-1]
        and path_of(pair)[-2] in _ABSENT
        and pair.method == "GET"
    ]
    return every(asked, lambda pair: not pair.body, _told)


def _told(pair: Pair) -> str:
    """The subject of a 404, and the code in its body, if there is one."""
    error = pair.body.get("error") if isinstance(pair.body, dict) else None
    code = error.get("code") if isinstance(error, dict) else "{}"
    return f"{path_of(pair)[-2]} {code}"


def _same_machine(item: Thing) -> bool:
    one = item.text("properties", "virtualMachineId").lower()
    return one == item.text("properties", "sourceResourceId").lower()


ASSUMPTIONS: Final = (
    Assumption(
        "absent-backup-thing",
        Area.PROTECTION,
        "About a job, a policy, an item or a point that it does not have, a vault answers 404 "
        "and {}.",
        "A 404 with another body is read as an answer too, unless it names the subscription.",
        _absent_things,
    ),
    Assumption(
        "item-names-its-vm",
        Area.PROTECTION,
        "A protected VM's virtualMachineId and sourceResourceId are the id of the VM.",
        "The item of a VM is found by it, also across subscriptions.",
        lambda seen: every(
            [item for item in seen.items if item.text("properties", "sourceResourceId")],
            _same_machine,
        ),
    ),
    Assumption(
        "failed-backup-is-unhealthy",
        Area.PROTECTION,
        "After a failed backup the item's protectionStatus is Unhealthy.",
        "It is only shown; nothing else depends on it.",
        lambda seen: every(
            [i for i in seen.items if i.text("properties", "lastBackupStatus") == "Failed"],
            lambda item: item.text("properties", "protectionStatus") == "Unhealthy",
        ),
    ),
    Assumption(
        "suspended-item-keeps-its-policy",
        Area.PROTECTION,
        "An item whose backups are suspended keeps its policyId.",
        "To resume it, no policy has to be chosen.",
        lambda seen: every(
            [
                item
                for item in seen.items
                if item.text("properties", "protectionState") == "BackupsSuspended"
            ],
            lambda item: bool(item.text("properties", "policyId")),
        ),
    ),
    Assumption(
        "stopped-item-has-no-policy",
        Area.PROTECTION,
        "An item whose protection was stopped has no policyId.",
        "The tool must learn its policy from another source.",
        lambda seen: every(
            [
                item
                for item in seen.items
                if item.text("properties", "protectionState") == "ProtectionStopped"
            ],
            lambda item: not item.text("properties", "policyId"),
        ),
    ),
    Assumption(
        "deleted-item-is-scheduled-for-deletion",
        Area.PROTECTION,
        "A deleted item that can be brought back has isScheduledForDeferredDelete.",
        "It tells a deleted item from a stopped one.",
        lambda seen: some(
            item
            for item in seen.items
            if item.at("properties", "isScheduledForDeferredDelete") is True
        ),
    ),
    Assumption(
        "tiers-are-words",
        Area.PROTECTION,
        "Newer versions tell the tiers of a recovery point as words: InstantRP, HardenedRP, "
        "ArchivedRP.",
        "They tell whether a point has a copy in the vault.",
        lambda seen: every(
            _tiers(seen, newer=True),
            lambda tier: tier.get("type") in _TIERS,
            lambda tier: f"{tier.get('type')}/{tier.get('status')}",
        ),
    ),
    Assumption(
        "tiers-are-numbers",
        Area.PROTECTION,
        "Versions up to 2021 tell them as numbers.",
        "Both forms are read.",
        lambda seen: every(
            _tiers(seen, newer=False),
            lambda tier: isinstance(tier.get("type"), int),
            lambda tier: f"{tier.get('type')}/{tier.get('status')}",
        ),
    ),
    Assumption(
        "item-is-of-a-policy-type",
        Area.PROTECTION,
        "Newer versions tell an item's policyType: empty, V1 or V2.",
        "Nothing depends on it yet.",
        lambda seen: every(
            [item for item in seen.items if item.at("properties", "policyType") is not None],
            lambda item: item.text("properties", "policyType") in ("", "V1", "V2"),
            lambda item: item.text("properties", "policyType") or "empty",
        ),
    ),
)
