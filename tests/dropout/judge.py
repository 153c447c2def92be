"""The judge of a run without a field. It compares this run only with the run with the field.

Without a field, the tool may do less and say so. It may also do what a milder rung of the same
ladder does, because an answer without the field may describe another true state of Azure.
"""

from collections.abc import Iterator

from tests.dropout.kinds import EACH, Field, Path
from tests.dropout.outcome import Json, Outcome

_DETAIL = "GET Microsoft.RecoveryServices/vaults/backupJobs/{}"
_BAG: Path = ("properties", "extendedInfo", "propertyBag")

STATEMENTS: dict[tuple[str, Path], str] = {
    ("GET Microsoft.Compute/virtualMachines/{}", ("resources",)): "the VM has no extension",
    (
        "GET Microsoft.Authorization/permissions",
        ("value", EACH, "notActions"),
    ): "nothing denied",
    (_DETAIL, (*_BAG, "Recovery Point Expiry Time in UTC")): "the schedule began it",
    **{
        (_DETAIL, path): "nothing tells what began it, and so it counts as an attempt"
        for path in (_BAG, _BAG[:2], ("properties", "operation"))
    },
    (
        _DETAIL,
        ("properties", "errorDetails", EACH, "errorString"),
    ): "no more is known of the failure than its code",
    ("GET Microsoft.Authorization/locks", ("value", EACH, "properties", "owners")): "nobody's lock",
}
"""Fields that Azure itself leaves out to say something. An answer without such a field is
another true state of Azure, and the tool may do what is right for that state."""

CODES = (0, 1, 3, 4, 5)
"""Exit codes with which a run with `--yes` may end."""


def judge(full: Outcome, less: Outcome, vm: str, field: Field | None = None) -> Iterator[str]:
    """The promises that the run without the field broke.

    Args:
        full: the run with the field.
        less: the run without it.
        vm: the VM of the job.
        field: the field that was left out. It matters only if it is one of `STATEMENTS`.
    """
    another_truth = field is not None and (field.kind, field.path) in STATEMENTS
    if less.crashed:
        yield f"crashed: {less.said.splitlines()[-1]}"
    elif "internal error" in less.said:
        yield less.said
    elif less.code not in CODES:
        yield f"exit code {less.code}"
    may_plan = another_truth or _milder(full, less)
    allowed = full.planned | (less.planned if may_plan else frozenset())
    for method, path in dict.fromkeys(less.sent):
        if (method, path) not in allowed:
            yield f"a change outside the plan: {method} {path}"
    if less.ending == "recovered" and not _recovered(less, vm):
        yield "a recovery that is none"
    yield from _locks(full, less)


def kind(full: Outcome, less: Outcome) -> str:
    """How the run without the field went, in a word or two, for the figures."""
    if less.result == full.result:
        return "same"
    if less.sent and _milder(full, less):
        return "milder rung"
    if less.code == 1:
        return "refused" if not less.sent else "stopped"
    if not less.sent:
        return "held" if full.sent else "held otherwise"
    return "recovered otherwise" if less.ending == "recovered" else "not proved"


def _milder(full: Outcome, less: Outcome) -> bool:
    """Whether the run without the field planned a milder rung of the same ladder."""
    if less.rung is None or full.rung is None or less.playbook != full.playbook:
        return False
    return less.rung < full.rung


def _recovered(less: Outcome, vm: str) -> bool:
    """Whether a good backup of the VM began after the last failed one, or was still running.

    The running backup counts, because it may be the one that made the other backup fail.
    """
    rows = less.after["jobs"].get(vm, [])
    over = {job["name"] for job in less.before["jobs"].get(vm, []) if job["status"] == "Completed"}
    failed = [job["started"] for job in less.before["jobs"].get(vm, []) if _failed(job)]
    since = max(failed, default="")
    return any(
        job["operation"] == "Backup"
        and job["status"] == "Completed"
        and (job["started"] > since or job["name"] not in over)
        for job in rows
    )


def _failed(job: Json) -> bool:
    return bool(job["status"] == "Failed")


def _locks(full: Outcome, less: Outcome) -> Iterator[str]:
    """Each lock is on as before. Or it is off as in the full run, and the report names it."""
    now, then, usual = _on(less.after), _on(less.before), _on(full.after)
    for lock, level in then.items():
        if lock in now:
            if now[lock] != level:
                yield f"a lock is another one: {lock} is {now[lock]}, was {level}"
        elif lock not in less.named:
            yield f"a lock is off and not named: {lock}"
        elif lock in usual and less.code != 5:
            yield f"a lock is off that goes back on otherwise, and the exit code is {less.code}"


def _on(state: Json) -> dict[str, str]:
    return {row["id"].lower(): row["level"] for row in state["locks"] if not row["deleted"]}
