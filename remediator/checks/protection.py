"""The vault's protection of the VM, and the obstacles to cleaning up its restore points."""

from datetime import timedelta
from typing import Final

from remediator.checks.check import (
    Answer,
    Area,
    Check,
    failed,
    left_open,
    not_there,
    passed,
    unknown,
)
from remediator.conditions.locks import binding_locks
from remediator.conditions.points import PLATFORM_LIMIT, RESTORE_POINT_LIMIT
from remediator.conditions.protection import is_protected
from remediator.facts import (
    Absent,
    Consistency,
    Known,
    Policy,
    Readings,
    Source,
    Thing,
    Unknown,
)
from remediator.language import marked
from remediator.moments import shown

_RECENT: Final = 5
"""How many of the newest recovery points are examined."""

DAILY: Final = timedelta(days=2)
WEEKLY: Final = timedelta(days=8)
"""The greatest age of the newest recovery point under a daily or a weekly policy. One day is
spare."""


def _protected(about: Readings) -> Answer:
    match about.item:
        case Known(value=item, source=source) if is_protected(item):
            return passed("protection state is {state}", source, state=item.state)
        case Known(value=item, source=source) if item.deleted:
            return failed(
                "its backup was deleted, and can still be brought back",
                source,
                marked("Undelete it, then resume its backup with a policy."),
            )
        case Known(value=item, source=source):
            return failed(
                "protection state is {state}",
                source,
                marked("Resume its backup with a policy."),
                state=item.state,
            )
        case Absent(source=source):
            return failed(
                "the vault does not protect this VM",
                source,
                marked("Enable backup for the VM with a policy."),
            )
        case Unknown(reason=reason):
            return unknown(reason)


def _policy(about: Readings) -> Answer:
    match about.policy, about.item:
        case Known(value=policy, source=source), _:
            return passed("{policy}", source, policy=policy.id.rsplit("/", 1)[-1])
        case Absent(source=source), Known():
            return failed("it has none", source, marked("Resume its backup with a policy."))
        case fact, _:
            return not_there(fact, "backup policy")


def _locks(about: Readings) -> Answer:
    locks = binding_locks(about)
    if isinstance(locks, Unknown):
        return unknown(locks.reason)
    source = about.locks.source if isinstance(about.locks, Known) else ""
    if not locks:
        return passed("no lock on the collections, their group or the subscription", source)
    return failed(
        "locked: {locks}",
        source,
        marked("Azure Backup cannot clean up below a lock; take it off Azure Backup's own group."),
        locks="; ".join(f"{lock.name} ({lock.level}) on {lock.scope}" for lock in locks),
    )


def _room(about: Readings) -> Answer:
    match about.points:
        case Unknown(reason=reason):
            return unknown(reason)
        case Known(value=points, source=source) if _is_enhanced(about):
            return _room_for_enhanced(len(points), source, about)
        case Known(value=points, source=source) if len(points) < RESTORE_POINT_LIMIT:
            return passed("{count} instant restore points", source, count=len(points))
        case Known(value=points, source=source):
            return failed(
                "{count} instant restore points, of which Azure Backup keeps {limit}",
                source,
                marked(
                    "With an enhanced policy more are normal; otherwise look for a lock, then "
                    "back up so that Azure cleans up."
                ),
                count=len(points),
                limit=RESTORE_POINT_LIMIT,
            )


def _is_enhanced(about: Readings) -> bool:
    return isinstance(about.policy, Known) and about.policy.value.enhanced


def _room_for_enhanced(count: int, source: str, about: Readings) -> Answer:
    """The answer under an enhanced policy: it tells how many points to expect."""
    most = about.policy.value.most_points if isinstance(about.policy, Known) else None
    limit = PLATFORM_LIMIT if most is None else min(most, PLATFORM_LIMIT)
    if count <= limit:
        return passed(
            "{count} instant restore points, under an enhanced policy {limit} at most",
            source,
            count=count,
            limit=limit,
        )
    return failed(
        "{count} instant restore points, under an enhanced policy {limit} at most",
        source,
        marked(
            "Look for a lock, then back up so that Azure cleans up. Look also whether another "
            "product makes restore points of this VM."
        ),
        count=count,
        limit=limit,
    )


def _consistency(about: Readings) -> Answer:
    if isinstance(about.recovery_points, Unknown):
        return unknown(about.recovery_points.reason)
    source = about.recovery_points.source
    last = sorted(about.recovery_points.value, key=lambda point: point.time)[-_RECENT:]
    if not last:
        return left_open("there is no recovery point yet", source)
    crash = [p for p in last if "crash" in p.consistency.lower()]
    kinds = ", ".join(sorted({point.consistency for point in last}))
    if crash and _takes_only_crash(about):
        return passed(
            "the {count} newest: {kinds}, as the policy asks", source, count=len(last), kinds=kinds
        )
    if not crash:
        return passed("the {count} newest: {kinds}", source, count=len(last), kinds=kinds)
    return failed(
        "crash consistent: {crash} of the {count} newest, the last of {at}",
        source,
        marked(
            "Look at the VSS writers in a Windows guest, at freezing in a Linux one. A VM that is "
            "off is always backed up crash consistent."
        ),
        crash=len(crash),
        count=len(last),
        at=shown(crash[-1].time),
    )


def _takes_only_crash(about: Readings) -> bool:
    match about.policy:
        case Known(value=policy):
            return bool(policy.consistency is Consistency.CRASH)
        case _:
            return False


def _fresh(about: Readings) -> Answer:
    if isinstance(about.recovery_points, Unknown):
        return unknown(about.recovery_points.reason)
    source = about.recovery_points.source
    newest = max((point.time for point in about.recovery_points.value), default=None)
    if newest is None:
        return left_open("there is no recovery point yet", source)
    told, age = {"at": shown(newest)}, about.subject.now - newest
    if age <= DAILY:
        return passed("the newest is of {at}", source, **told)
    weekly = _is_weekly(about.policy)
    if age <= WEEKLY and weekly is None:
        return left_open(
            "the newest is of {at}; how often it should run is not known", source, **told
        )
    if age <= WEEKLY and weekly:
        return passed("the newest is of {at}, by a weekly policy", source, **told)
    return failed(
        "the newest is of {at}, and at least one backup since then has left none",
        source,
        marked("Find out why the backups since then have failed, or did not run."),
        **told,
    )


def _is_weekly(policy: Thing[Policy]) -> bool | None:
    match policy:
        case Known(value=found) if found.frequency:
            return found.frequency.lower() == "weekly"
        case _:
            return None


_ITEM: Final = frozenset({Source.ITEM})
_POINTS: Final = frozenset({Source.RECOVERY_POINTS})
_POLICY: Final = frozenset({Source.POLICY})

CHECKS: Final = (
    Check("protected", Area.PROTECTION, "The vault protects the VM", _ITEM, _protected),
    Check("policy", Area.PROTECTION, "It has a backup policy", _POLICY, _policy),
    Check(
        "backup-locks",
        Area.RESTORE_POINTS,
        "No lock keeps old restore points alive",
        frozenset({Source.LOCKS, Source.COLLECTIONS}),
        _locks,
    ),
    Check(
        "restore-point-room",
        Area.RESTORE_POINTS,
        "There is room for new restore points",
        _POLICY | {Source.POINTS},
        _room,
    ),
    Check(
        "consistency",
        Area.RESTORE_POINTS,
        "Recovery points are consistent",
        _POINTS | _POLICY,
        _consistency,
    ),
    Check(
        "fresh",
        Area.RESTORE_POINTS,
        "A recovery point is recent",
        _POINTS | _POLICY,
        _fresh,
    ),
)
