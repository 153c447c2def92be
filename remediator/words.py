"""The words of `when:`: named facts, derived from what was read, each with its because.

What a playbook's condition needs beyond one of these becomes a new one here, where it is tested
and documented; playbooks have no expressions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from remediator import ids
from remediator.facts import (
    Absent,
    AgentState,
    Collection,
    Facts,
    Known,
    Lock,
    PowerState,
    ProtectedItem,
    Provisioning,
    Source,
    Unknown,
    Vm,
)
from remediator.job import JobRow
from remediator.moments import shown

RESTORE_POINT_LIMIT: Final = 18
"""Instant restore points that Azure Backup keeps for one VM, over all collections and groups.

From "Troubleshoot Azure Backup failure: issues with the agent or extension". Enhanced policies
hold more, so this only decides how many to clear; *that* the limit is reached the error says.
"""

CLEAN_UP_TIME: Final = timedelta(hours=6)
"""How long Azure is left to clean up after an on-demand backup. Its article says "a few hours"."""

STUCK_AFTER: Final = timedelta(hours=24)
"""A backup that is still taking its snapshot after this long is not going to end by itself."""


@dataclass(frozen=True, slots=True)
class Word:
    """What a named fact says now, and because of what."""

    value: str
    because: str


@dataclass(frozen=True, slots=True)
class NamedFact:
    """A fact that a playbook's `when:` may ask for."""

    name: str
    values: tuple[str, ...]
    meaning: str
    sources: frozenset[Source]
    derive: Callable[[Facts], Word | Unknown]


def backups_since_last_success(facts: Facts) -> tuple[JobRow, ...] | Unknown:
    """The VM's ended backup jobs after the last one that succeeded, oldest first."""
    match facts.jobs:
        case Unknown() as unknown:
            return unknown
        case Known(value=rows):
            ended = sorted(
                (row for row in rows if row.is_backup and row.start and not row.running),
                key=lambda row: row.start or facts.job.seen,
            )
            last = max((n for n, row in enumerate(ended) if row.succeeded), default=-1)
            return tuple(ended[last + 1 :])


def newer_success(facts: Facts) -> JobRow | Unknown | None:
    """The latest backup of this VM that succeeded after the job in question, if there is one."""
    match facts.jobs:
        case Unknown() as unknown:
            return unknown
        case Known(value=rows):
            began = facts.job.start
            if began is None:
                return Unknown("the job carries no start time")
            # By its end: the backup that was in the way of this one, once it has succeeded, counts.
            later = [r for r in rows if r.is_backup and r.succeeded and r.end and r.end > began]
            return max(later, key=lambda row: row.end or began, default=None)


def running_jobs(facts: Facts) -> tuple[JobRow, ...] | Unknown:
    """Jobs of this VM that have not ended: backups, restores and others, in every vault read."""
    match facts.jobs:
        case Unknown() as unknown:
            return unknown
        case Known(value=rows):
            others = facts.other_jobs.value if isinstance(facts.other_jobs, Known) else ()
            return tuple(row for row in (*rows, *others) if row.running)


def _vm_word(tell: Callable[[Vm, str], Word]) -> Callable[[Facts], Word | Unknown]:
    def derive(facts: Facts) -> Word | Unknown:
        match facts.vm:
            case Unknown() as unknown:
                return unknown
            case Absent():
                return Unknown("the VM does not exist")
            case Known(value=vm, source=source):
                return tell(vm, source)

    return derive


def _vm(facts: Facts) -> Word | Unknown:
    match facts.vm:
        case Unknown() as unknown:
            return unknown
        case Absent(source=source):
            return Word("absent", f"404 on {source}")
        case Known(value=vm, source=source):
            return Word("present", f"{vm.id} ({source})")


def _extension(vm: Vm, source: str) -> Word:
    found = next((e for e in vm.extensions if e.is_backup), None)
    if found is None:
        return Word("absent", f"no backup extension among {len(vm.extensions)} ({source})")
    detail = f": {found.message}" if found.message else ""
    return Word(found.state.value, f"extension {found.name} is {found.state.value}{detail}")


def _agent(vm: Vm, _source: str) -> Word:
    return Word(vm.agent.value, f"VM agent {vm.agent_version}: {vm.agent_message or 'no message'}")


def binding_locks(facts: Facts) -> tuple[Lock, ...] | Unknown:
    """Locks that bind this VM's restore point collections: on them, their group, above."""
    match facts.locks, facts.collections:
        case (Unknown() as unknown, _) | (_, Unknown() as unknown):
            return unknown
        case Known(value=locks), Known(value=collections):
            return tuple(
                lock for lock in locks if any(ids.covers(lock.scope, c.id) for c in collections)
            )


def why_lock_stays(lock: Lock, collections: tuple[Collection, ...]) -> str | None:
    """Why a lock is not ours to take off; None when it is.

    Only locks on Azure Backup's own group and on its collections of this VM may go.
    """
    if lock.id.rsplit("/", 1)[-1] != lock.name:
        return "its name and its id disagree"
    if lock.owners:
        return f"owned by the application {', '.join(lock.owners)}, which alone may take it off"
    for collection in collections:
        if ids.same(lock.scope, collection.id):
            return None
        if ids.same(lock.scope, collection.id.split("/providers/", 1)[0]):
            if collection.service_group:
                return None
            return (
                f"the group {collection.group} is not known to be Azure Backup's own"
                if collection.service_group is None
                else f"the group {collection.group} is not Azure Backup's own"
            )
    return "it lies above Azure Backup's own group and protects other things too"


def _backup_lock(facts: Facts) -> Word | Unknown:
    locks = binding_locks(facts)
    if isinstance(locks, Unknown):
        return locks
    if not locks:
        return Word("none", "no lock on the collections, their group or the subscription")
    collections = facts.collections.value if isinstance(facts.collections, Known) else ()
    named = ", ".join(f"{lock.name} ({lock.level}) on {lock.scope}" for lock in locks)
    kept = any(why_lock_stays(lock, collections) for lock in locks)
    return Word("protected" if kept else "removable", f"lock {named}")


def _restore_points(facts: Facts) -> Word | Unknown:
    match facts.points:
        case Unknown() as unknown:
            return unknown
        case Known(value=points, source=source):
            count = len(points)
            told = f"{count} instant restore points, limit {RESTORE_POINT_LIMIT} ({source})"
            if count == 0:
                return Word("none", told)
            return Word("full" if count >= RESTORE_POINT_LIMIT else "room", told)


def tried_since_last_success(facts: Facts) -> tuple[JobRow, ...] | Unknown:
    """The user-triggered ones of the backups since the last success, oldest first.

    Unknown as soon as the vault leaves open for one of them who triggered it.
    """
    failed = backups_since_last_success(facts)
    if isinstance(failed, Unknown):
        return failed
    for row in failed:
        if row.user_triggered is None:
            return Unknown(f"the vault does not say who triggered job {row.name}")
    return tuple(row for row in failed if row.user_triggered)


def _tries(facts: Facts) -> Word | Unknown:
    tried = tried_since_last_success(facts)
    if isinstance(tried, Unknown):
        return tried
    word = ("none", "one", "two")[len(tried)] if len(tried) < 3 else "many"
    names = ", ".join(f"{row.name} ({row.status})" for row in tried)
    since = "user-triggered backups since the last success"
    return Word(word, f"{len(tried)} {since}" + (f": {names}" if names else ""))


def _clean_up(facts: Facts) -> Word | Unknown:
    """How far Azure's own clean-up is, told from its job history.

    An on-demand backup starts it, and it takes hours. It is proved to have failed only when the
    job in question failed `CLEAN_UP_TIME` after the last user-triggered backup, or is itself
    user-triggered and that time is over. When a lock went, the history does not tell; so this
    word counts only together with `backup_lock: none`.
    """
    tried = tried_since_last_success(facts)
    if isinstance(tried, Unknown):
        return tried
    job, now = facts.job, facts.job.seen
    if not tried or job.start is None:
        return Word("not-started", "no user-triggered backup since the last success")
    last = tried[-1]
    due = (last.start or now) + CLEAN_UP_TIME
    begun = f"user-triggered backup {last.name} began {shown(last.start)}"
    if due > now:
        return Word("under-way", f"{begun}; look again after {shown(due)}")
    if due > (now if job.user_triggered else job.start):
        return Word("unproved", f"{begun}, and no backup has failed since {shown(due)}")
    proof = (
        f"the points are still there at {shown(now)}"
        if job.user_triggered
        else f"job {job.name} failed again at {shown(job.start)}"
    )
    return Word("failed", f"{begun}, clean-up was due by {shown(due)}, and {proof}")


def _running_job(facts: Facts) -> Word | Unknown:
    running = running_jobs(facts)
    if isinstance(running, Unknown):
        return running
    if not running:
        return Word("none", "no job of this VM is running")
    told = ", ".join(f"{r.operation} {r.id} since {shown(r.start)}" for r in running)
    stuck = all(r.is_backup and r.start and facts.job.seen - r.start > STUCK_AFTER for r in running)
    return Word("stuck" if stuck else "running", told)


def _protection(facts: Facts) -> Word | Unknown:
    match facts.item:
        case Unknown() as unknown:
            return unknown
        case Absent(source=source):
            return Word("absent", f"the vault protects no such VM ({source})")
        case Known(value=item, source=source):
            word = "protected" if is_protected(item) else "stopped"
            return Word(word, f"protectionState {item.state} ({source})")


def is_protected(item: ProtectedItem) -> bool:
    """Whether the vault backs the VM up now, so that an on-demand backup is possible."""
    active = ("protected", "irpending", "protectionerror")
    return not item.deleted and item.state.lower() in active


def _words() -> Mapping[str, NamedFact]:
    vm, jobs = frozenset({Source.VM}), frozenset({Source.JOBS})
    states = tuple(Provisioning)
    table = [
        NamedFact("vm", ("present", "absent"), "Whether the VM exists.", vm, _vm),
        NamedFact(
            "vm_power",
            tuple(PowerState),
            "The VM's power state.",
            vm,
            _vm_word(lambda v, s: Word(v.power.value, f"power state {v.power.value} ({s})")),
        ),
        NamedFact(
            "vm_provisioning",
            states,
            "The VM's provisioning state.",
            vm,
            _vm_word(
                lambda v, s: Word(v.provisioning.value, f"VM provisioning {v.provisioning} ({s})")
            ),
        ),
        NamedFact(
            "agent",
            tuple(AgentState),
            "Whether the VM agent answers the platform.",
            vm,
            _vm_word(_agent),
        ),
        NamedFact(
            "snapshot_extension",
            ("absent", *states),
            "The state of Azure Backup's own VM extension.",
            vm,
            _vm_word(_extension),
        ),
        NamedFact(
            "backup_lock",
            ("none", "removable", "protected"),
            "Locks that keep Azure Backup from deleting this VM's restore points: `removable` when "
            "all are on its own group or collections, `protected` when one is not ours to take.",
            frozenset({Source.LOCKS, Source.COLLECTIONS}),
            _backup_lock,
        ),
        NamedFact(
            "restore_points",
            ("none", "room", "full"),
            f"Instant restore points of the VM; `full` from {RESTORE_POINT_LIMIT} on.",
            frozenset({Source.POINTS}),
            _restore_points,
        ),
        NamedFact(
            "tries",
            ("none", "one", "two", "many"),
            "User-triggered backups since the last success, all failed: how far up the ladder "
            "this VM already is, read from Azure's own job history.",
            jobs,
            _tries,
        ),
        NamedFact(
            "clean_up",
            ("not-started", "under-way", "unproved", "failed"),
            "How far Azure's own clean-up of restore points is after an on-demand backup.",
            jobs,
            _clean_up,
        ),
        NamedFact(
            "running_job",
            ("none", "running", "stuck"),
            "A job of this VM that has not ended, in its vault or in another of the subscription; "
            "`stuck` after 24 hours.",
            frozenset({Source.JOBS, Source.OTHER_JOBS}),
            _running_job,
        ),
        NamedFact(
            "protection",
            ("protected", "stopped", "absent"),
            "Whether the vault backs the VM up now.",
            frozenset({Source.ITEM}),
            _protection,
        ),
    ]
    return {fact.name: fact for fact in table}


NAMED: Final[Mapping[str, NamedFact]] = _words()
