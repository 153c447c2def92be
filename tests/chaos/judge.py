"""The judge of a round. It uses only the simulator's log and its states before and after.

The tool's own words (its plans, and the stories of its runs) count for two things only: a plan
says which changes are allowed, and a story is the place where something must be named.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.administrator import AGENT
from tests.evidence import path_of

Json = dict[str, Any]

ONCE = ("/backup", "/reapply", "/restart", "/redeploy", "/runcommand")
"""The ends of paths for requests that act twice if they are sent twice."""

_DELETE_LOCK = "ManagementLockClient.management_locks.delete_by_scope"
_PUT_LOCK = "ManagementLockClient.management_locks.create_or_update_by_scope"
_DELETE_POINT = "ComputeManagementClient.restore_points.begin_delete"
_START = "ComputeManagementClient.virtual_machines.begin_start"


@dataclass(frozen=True)
class Case:
    """One remediation with its approved plan."""

    vm: str
    plan: Json
    service_cleans: bool = False
    """Whether Azure Backup itself deletes old restore points of the VM."""

    @property
    def changes(self) -> list[Json]:
        """The changes that the plan names."""
        return [step for step in self.plan["steps"] if step["kind"] == "change"]

    def of(self, operation: str) -> list[Json]:
        """The changes of one operation."""
        return [change for change in self.changes if change["operation"] == operation]


@dataclass(frozen=True)
class Violation:
    """A broken promise."""

    what: str
    where: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.where}" + (f": {self.detail}" if self.detail else "")


@dataclass(frozen=True)
class Round:
    """The evidence of a round after its end."""

    cases: tuple[Case, ...]
    log: list[Json]
    before: Json
    after: Json
    stories: list[Json]
    """The stories, as `runs list --format json` shows them."""
    tracebacks: tuple[str, ...] = ()
    """The names of outputs that contain a traceback."""
    refused: frozenset[str] = frozenset()
    """VMs whose plans the command refused as expired or stale."""
    replaced: frozenset[str] = frozenset()
    """VMs that another administrator has deleted or created again. He decides their power."""


@dataclass
class Judgement:
    """The findings of the judge."""

    violations: list[Violation] = field(default_factory=list)
    figures: Counter[str] = field(default_factory=Counter)


def judge(round_: Round) -> Judgement:
    """Check every promise."""
    found = Judgement()
    for check in (_planned, _once, _points, _locks, _power, _ended, _tracebacks):
        found.violations += check(round_, found.figures)
    return found


def accepted(entry: Json) -> bool:
    """Whether a request was carried out, even if its answer was lost."""
    status = entry["status"]
    if status is None:
        done = entry["response_headers"].get("carried-out") == "True"
        return done and "error" not in (entry["response"] or {})
    return 200 <= int(status) < 300


def _key(method: str, url: str, body: Any) -> tuple[str, str, str]:
    return method, path_of(url), repr(body)


def _writes(round_: Round) -> list[Json]:
    """The writes that the tool sent."""
    return [e for e in round_.log if not e["read_like"] and not _is_others(e)]


def _is_others(entry: Json) -> bool:
    agent: str = entry.get("headers", {}).get("user-agent", "")
    return agent.startswith(AGENT)


def _others(round_: Round, tail: str) -> list[str]:
    """The paths of the other administrator's accepted writes that end with `tail`."""
    sent = [e for e in round_.log if not e["read_like"] and _is_others(e) and accepted(e)]
    return [path for e in sent if (path := path_of(e["url"])).endswith(tail)]


def _planned(round_: Round, figures: Counter[str]) -> Iterator[Violation]:
    """Every write, even a refused one, is named in a plan."""
    named = {
        _key(c["request"]["method"], c["request"]["url"], c["request"]["body"])
        for case in round_.cases
        for c in case.changes
    }
    figures["requests"] += len(round_.log)
    for entry in _writes(round_):
        figures["changes sent"] += 1
        if _key(entry["method"], entry["url"], entry["body"]) not in named:
            yield Violation(
                "a change outside the plans",
                f"{entry['method']} {path_of(entry['url'])}",
                f"request {entry['n']}, body {entry['body']!r}",
            )


def _once(round_: Round, figures: Counter[str]) -> Iterator[Violation]:
    """A request that would act twice is carried out only once."""
    done: Counter[tuple[str, str]] = Counter()
    for entry in _writes(round_):
        path = path_of(entry["url"])
        if path.endswith(ONCE) and accepted(entry):
            done[path, repr(entry["body"])] += 1
            figures["triggers"] += path.endswith("/backup")
    for (path, _), times in done.items():
        if times > 1:
            yield Violation("carried out twice", path, f"{times} times")
    before, after = round_.before["jobs"], round_.after["jobs"]
    for case in round_.cases:
        new = _triggered(after, case.vm) - _triggered(before, case.vm)
        by_hand = [path for path in _others(round_, "/backup") if f";{case.vm}/" in path]
        if len(new) > 1 + len(by_hand):
            yield Violation("several backups", case.vm, ", ".join(sorted(new)))


def _triggered(jobs: Json, vm: str) -> set[str]:
    """The backups that a user triggered. A user's other jobs do not count."""
    backups = (job for job in jobs.get(vm, ()) if job.get("operation", "Backup") == "Backup")
    return {job["name"] for job in backups if job["user_triggered"]}


def _points(round_: Round, figures: Counter[str]) -> Iterator[Violation]:
    """Every lost restore point was named in the plan, or the service itself cleaned it up."""
    left = {each["id"]: set(each["points"]) for each in round_.after["collections"]}
    cases = {case.vm: case for case in round_.cases}
    for each in round_.before["collections"]:
        vm = each["source"].rsplit("/", 1)[-1]
        gone = set(each["points"]) - left.get(each["id"], set())
        case = cases.get(vm)
        named = {_last(c["target"]) for c in case.of(_DELETE_POINT)} if case else set()
        figures["restore points deleted as planned"] += len(gone & named)
        if (case is None or not case.service_cleans) and gone - named:
            yield Violation("a restore point is gone", vm, ", ".join(sorted(gone - named)))
    kept = {item["vm"]: item["recovery_points"] for item in round_.after["items"]}
    for item in round_.before["items"]:
        case = cases.get(item["vm"])
        may_lose = sum(len(c["loses"]) for c in case.changes) if case else 0
        if kept.get(item["vm"], 0) < item["recovery_points"] - may_lose:
            text = f"{item['recovery_points']} before, {kept.get(item['vm'], 0)} after"
            yield Violation("a recovery point is gone", item["vm"], text)


def _last(arm_id: str) -> str:
    return arm_id.rstrip("/").rsplit("/", 1)[-1]


def _on(state: Json) -> dict[str, str]:
    return {row["id"].lower(): row["level"] for row in state["locks"] if not row["deleted"]}


def _locks(round_: Round, figures: Counter[str]) -> Iterator[Violation]:
    """Every lock is on as before, or the tool names it."""
    now = _on(round_.after)
    for lock, level in _on(round_.before).items():
        cases = [
            case
            for case in round_.cases
            if any(c["target"].lower() == lock for c in case.of(_DELETE_LOCK))
        ]
        if lock in now:
            if now[lock] != level and lock not in _others(round_, ""):
                yield Violation("a lock is another one", lock, f"{now[lock]}, was {level}")
            figures["locks on again"] += bool(cases) and _was_off(round_, lock)
        elif not cases:
            yield Violation("a lock is off that no plan names", lock)
        else:
            yield from _named(round_, cases[0], lock, figures)


def _was_off(round_: Round, lock: str) -> bool:
    return any(
        w["method"] == "DELETE" and path_of(w["url"]) == lock and accepted(w)
        for w in _writes(round_)
    )


def _named(round_: Round, case: Case, lock: str, figures: Counter[str]) -> Iterator[Violation]:
    owed = any(c["target"].lower() == lock for c in case.of(_PUT_LOCK))
    kind = "locks_owed" if owed else "locks_left_off"
    reports = [s["report"] for s in _stories(round_, case.vm) if s["report"]]
    if any(row["id"].lower() == lock for report in reports for row in report[kind]):
        figures["locks owed, and said so" if owed else "locks left off, and said so"] += 1
    else:
        yield Violation("a lock is off and not named", case.vm, lock)


def _stories(round_: Round, vm: str) -> list[Json]:
    return [s for s in round_.stories if s["plan"]["job"]["vm_name"].lower() == vm.lower()]


def _power(round_: Round, figures: Counter[str]) -> Iterator[Violation]:
    """Every VM that was started is at rest again, or the tool names it."""
    after = {vm["name"]: vm["power"] for vm in round_.after["vms"]}
    before = {vm["name"]: vm["power"] for vm in round_.before["vms"]}
    for case in round_.cases:
        if case.vm in round_.replaced:
            continue
        was, now = before[case.vm], after[case.vm]
        if case.of(_START) and was == now:
            figures["VMs at rest again"] += 1
        by_hand = ("/start", "/restart", "/deallocate")
        if was == now or any(f"/{case.vm}{verb}" in _tails(round_, verb) for verb in by_hand):
            continue
        told = {o["step"]: o for s in _stories(round_, case.vm) for o in _outcomes(s)}
        last = told.get(len(case.plan["steps"]))
        if case.of(_START) and last and last["result"] not in ("applied", "unneeded"):
            figures["VMs left running, and said so"] += 1
        else:
            yield Violation("a VM's power is another one", case.vm, f"{was} before, {now} after")


def _tails(round_: Round, verb: str) -> list[str]:
    """The last two parts of the paths of the other administrator's writes that end with `verb`."""
    return ["/" + "/".join(path.rsplit("/", 2)[1:]) for path in _others(round_, verb)]


def _tracebacks(round_: Round, _figures: Counter[str]) -> Iterator[Violation]:
    """The command never shows a traceback."""
    for name in round_.tracebacks:
        yield Violation("a traceback", name)


def _outcomes(story: Json) -> list[Json]:
    found: list[Json] = (story["report"] or {}).get("outcomes", [])
    return found


def _ended(round_: Round, figures: Counter[str]) -> Iterator[Violation]:
    """Every run has ended, and every claimed recovery is real."""
    for case in round_.cases:
        stories = _stories(round_, case.vm)
        if not stories and case.vm in round_.refused:
            figures["refused before it was begun, as its plan did not fit any more"] += 1
        elif not stories:
            yield Violation("a run was never begun", case.vm)
        for story in stories:
            figures["runs"] += 1
            if story["state"] != "ended":
                text = f"{story['run_id']} is {story['state']}: {story['error']}"
                yield Violation("a run has not ended", case.vm, text)
                continue
            ending = ((story["report"] or {}).get("verdict") or {}).get("ending", "refused")
            figures[f"ended: {ending}"] += 1
            jobs = round_.after["jobs"].get(case.vm, ())
            if ending == "recovered" and not any(j["status"] == "Completed" for j in jobs):
                yield Violation("a recovery that is none", case.vm, story["run_id"])
