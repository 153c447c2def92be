"""The judge of a round. It uses only the simulator's log and states, and what the tool left behind.

The tool's own words count for three things only. The plan in its record says which changes are
allowed. Its report is the place where something must be named. A recovery that it claims must be
real.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from tests.chaos.judge import ONCE, Violation, accepted
from tests.evidence import path_of
from tests.fuzz.stage import Ran

Json = dict[str, Any]

CODES: Final = {"plan": (0, 1, 3), "run": (0, 1, 3, 4, 5)}
"""Exit codes with which a dry run, and a run with `--yes`, may end."""
_POWER: Final = {
    "begin_start": "running",
    "begin_deallocate": "deallocated",
    "begin_power_off": "stopped",
}
_INTERNAL: Final = re.compile(r"internal error: [A-Z]\w*: .{0,200}")
"""An exception inside this tool, in its own words. Azure sometimes has internal errors too."""
_DESTROYS: Final = ("delete-vm", "recreate-vm", "delete-collection")


@dataclass(frozen=True)
class Told:
    """The tool's words about a round."""

    ran: Ran

    @cached_property
    def report(self) -> Json:
        """The JSON on stdout: a report or a plan."""
        try:
            found = json.loads(self.ran.out)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @cached_property
    def recorded(self) -> Json:
        """The plan in the run's record. Empty if no run was begun."""
        for name, text in self.ran.files.items():
            if "/runs/" in name and name.endswith(".jsonl"):
                for line in text.splitlines():
                    entry = _object(line)
                    if entry.get("kind") == "began":
                        plan: Json = entry["plan"]
                        return plan
        return {}

    @property
    def plan(self) -> Json:
        """The plan, from the record or from the output."""
        return self.recorded or self.report.get("plan") or self.report

    @property
    def changes(self) -> list[Json]:
        """The changes in the recorded plan. The tool may send nothing else."""
        return [step for step in self.recorded.get("steps", ()) if step["kind"] == "change"]

    @property
    def ending(self) -> str | None:
        """The verdict. None if nothing was applied."""
        return (self.report.get("verdict") or {}).get("ending")


def _object(line: str) -> Json:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def judge(ran: Ran) -> list[Violation]:
    """The promises that were broken."""
    told = Told(ran)
    checks = (_ended, _secret, _planned, _others, _once, _points, _locks, _power, _recovered)
    return [violation for check in checks for violation in check(ran, told)]


def _ended(ran: Ran, told: Told) -> Iterator[Violation]:
    """The command ends in time and in order, with a documented exit code."""
    if ran.code is None:
        yield Violation("it did not end", ran.vm, f"{ran.seconds:.0f} s")
        return
    if "Traceback" in ran.err + ran.out:
        yield Violation("a traceback", ran.vm, ran.err.strip()[-300:])
    elif found := _INTERNAL.search(ran.err + ran.out):
        yield Violation("an internal error", ran.vm, found.group())
    if ran.code not in CODES[ran.kind]:
        yield Violation("an exit code that is not documented", ran.vm, str(ran.code))
    if ran.code == 1 and not ran.err.strip():
        yield Violation("an error without a word", ran.vm)
    fine = told.ending in ("recovered", "settled")
    if ran.code == 0 and told.ending and not fine:
        yield Violation("exit code 0, and not fixed", ran.vm, told.ending)
    if ran.code == 0 and _writes(ran) and not told.ending:
        yield Violation("exit code 0 without a verdict", ran.vm)


def _secret(ran: Ran, _told: Told) -> Iterator[Violation]:
    """The token stands in no output and no file."""
    for name, text in {"stdout": ran.out, "stderr": ran.err, **ran.files}.items():
        if ran.token in text:
            yield Violation("a token in an output", ran.vm, name)


def _writes(ran: Ran) -> list[Json]:
    """The tool's writes. The other administrator's acts are not in the log of requests."""
    return [entry for entry in ran.log if not entry["read_like"]]


def _key(method: str, url: str, body: Any) -> tuple[str, str, str]:
    return method, path_of(url), repr(body)


def _planned(ran: Ran, told: Told) -> Iterator[Violation]:
    """A plan writes nothing. A run writes only what its recorded plan names, even if refused."""
    writes = _writes(ran)
    if ran.kind == "plan":
        for entry in writes:
            yield Violation("a write in a plan", ran.vm, f"{entry['method']} {entry['path']}")
        return
    named = {
        _key(c["request"]["method"], c["request"]["url"], c["request"]["body"])
        for c in told.changes
    }
    for entry in writes:
        if _key(entry["method"], entry["url"], entry["body"]) not in named:
            text = f"{entry['method']} {path_of(entry['url'])}, body {entry['body']!r}"
            yield Violation("a change outside the plan", ran.vm, text)


def _others(ran: Ran, _told: Told) -> Iterator[Violation]:
    """Nothing of another VM is changed."""
    foreign = _foreign(ran)
    for entry in _writes(ran):
        path = path_of(entry["url"])
        for place in foreign:
            if path == place or path.startswith(f"{place}/"):
                yield Violation("a change of another VM", ran.vm, f"{entry['method']} {path}")


def _foreign(ran: Ran) -> set[str]:
    """The ids of other VMs, their protected items and their restore point collections."""
    ours = ran.vm.lower()
    rows = [(vm["name"], vm["id"]) for vm in ran.before["vms"]]
    rows += [(item["vm"], item["id"]) for item in ran.before["items"]]
    rows += [(c["source"].rsplit("/", 1)[-1], c["id"]) for c in ran.before["collections"]]
    return {path_of(each) for name, each in rows if name.lower() != ours}


def _once(ran: Ran, _told: Told) -> Iterator[Violation]:
    """A request that would act twice is carried out only once."""
    done: Counter[tuple[str, str]] = Counter()
    for entry in _writes(ran):
        path = path_of(entry["url"])
        if path.endswith(ONCE) and accepted(entry):
            done[path, repr(entry["body"])] += 1
    for (path, _), times in done.items():
        if times > 1:
            yield Violation("carried out twice", ran.vm, f"{path}: {times} times")


def _points(ran: Ran, told: Told) -> Iterator[Violation]:
    """Every recovery point that is gone for ever was named in the plan."""
    deleted = any(e["method"] == "DELETE" and accepted(e) for e in _writes(ran))
    if not deleted or any(act in _DESTROYS for act in ran.acts):
        return  # then the service or somebody else deleted the points
    may_lose = sum(len(change["loses"]) for change in told.changes)
    kept = {item["id"]: item["recovery_points"] for item in ran.after["items"]}
    for item in ran.before["items"]:
        mine = item["vm"].lower() == ran.vm.lower()
        left, least = kept.get(item["id"], 0), item["recovery_points"] - (may_lose if mine else 0)
        if left < least:
            text = f"{item['vm']}: {item['recovery_points']} before, {left} after, {may_lose} named"
            yield Violation("a recovery point is gone", ran.vm, text)


def _on(state: Json) -> dict[str, str]:
    return {row["id"].lower(): row["level"] for row in state["locks"] if not row["deleted"]}


def _locks(ran: Ran, told: Told) -> Iterator[Violation]:
    """Every lock is on as before, or named. The exit code tells of a lock that is owed."""
    now = _on(ran.after)
    rows = {
        row["id"].lower(): kind
        for kind in ("locks_left_off", "locks_owed")
        for row in told.report.get(kind, ())
    }
    owed = {c["target"].lower() for c in told.changes if c["request"]["method"] == "PUT"}
    for lock, level in _on(ran.before).items():
        if lock in now:
            if now[lock] != level and "locks-back-read-only" not in ran.acts:
                yield Violation("a lock is another one", ran.vm, f"{lock}: {now[lock]}")
            continue
        in_words = ran.code == 5 and lock.rsplit("/", 1)[-1] in ran.err.lower()
        if lock not in rows and not in_words:
            yield Violation("a lock is off and not named", ran.vm, lock)
        elif lock in owed and ran.code != 5:
            yield Violation("a lock is owed, and the exit code does not tell", ran.vm, lock)


def _power(ran: Ran, told: Told) -> Iterator[Violation]:
    """Every VM is on or off as before, or as the plan leaves it, or named."""
    after = {vm["id"]: vm["power"] for vm in ran.after["vms"]}
    if any(act in ("power", "recreate-vm", "delete-vm") for act in ran.acts):
        return
    owed = {each["vm_id"].lower() for each in told.report.get("power_owed", ())}
    for vm in ran.before["vms"]:
        was, now = vm["power"], after.get(vm["id"])
        if now == was or was not in _POWER.values():
            continue
        if now == _left_as(told, vm["id"]):
            continue
        named = vm["id"].lower() in owed or vm["id"].lower() in ran.err.lower()
        if not (named and ran.code != 0):
            yield Violation("a VM's power is another one", ran.vm, f"{vm['id']}: {was}, now {now}")


def _left_as(told: Told, vm_id: str) -> str | None:
    """The power state in which the whole plan leaves a VM. None if the plan does not change it."""
    found = None
    for change in told.changes:
        verb = change["operation"].rsplit(".", 1)[-1]
        if change["target"].lower() == vm_id.lower() and verb in _POWER:
            found = _POWER[verb]
    return found


def _recovered(ran: Ran, told: Told) -> Iterator[Violation]:
    """A recovery that a run or a plan claims is real when it is claimed."""
    claims = told.ending == "recovered" or _claimed(told)
    if claims and not _is_well(ran):
        yield Violation("a recovery that is none", ran.vm, told.ending or "told by the plan")


def _claimed(told: Told) -> bool:
    whys = (why for step in told.plan.get("steps", ()) for why in step.get("why", ()))
    return any(why.startswith("already recovered") for why in whys)


def _is_well(ran: Ran) -> bool:
    """Whether a backup has succeeded since the remedied job began, or was running and succeeded."""
    before = {row["id"]: row for row in ran.before["jobs"].get(ran.vm, ())}
    first = before[ran.before["failed_jobs"][ran.vm][0]]["started"]
    good = [
        row
        for row in ran.ended["jobs"].get(ran.vm, ())
        if row["operation"] == "Backup" and row["status"] == "Completed"
    ]
    return any(
        row["started"] > first or before.get(row["id"], {}).get("status") == "InProgress"
        for row in good
    )
