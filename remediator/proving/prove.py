"""Runs one case, and judges plan, writes and proof from outside.

- Left alone, the next backup fails again with the same code: the cause is present.
- A dry run sends no write, and plans the steps that the case names.
- The run writes exactly the planned requests, in order, and nothing else.
- The verdict, the exit code and the state of the subscription are those of the case.
"""

import fnmatch
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit

from remediator.proving.by_hand import back_up_by_hand
from remediator.proving.casefile import Case, Expected
from remediator.simulator.process import SimulatorError, SimulatorProcess

STEP: Final = 30.0
"""Seconds that pass on a stepped simulator with every request. A slow machine makes no
difference."""


class Ended(Protocol):
    """The result of a command."""

    @property
    def code(self) -> int:
        """Its exit code."""

    @property
    def out(self) -> str:
        """What it printed on stdout."""

    @property
    def err(self) -> str:
        """What it printed on stderr."""


class Runner(Protocol):
    """Runs `remediate` as a process of its own, against a simulator and nothing else."""

    def __call__(self, azure: SimulatorProcess, folder: Path, *arguments: str) -> Ended:
        """Run the command to its end, with its records in a folder, without a terminal."""


def prove(case: Case, folder: Path, run: Runner) -> Iterator[str]:
    """The differences from the case. Empty when there are none.

    Args:
        case: the case.
        folder: an empty folder, for the scenario and the records of the run.
        run: runs the command.
    """
    try:
        scenario = _scenario(case, folder)
        with SimulatorProcess(scenario, time="stepped", step=STEP) as azure:
            if case.uncured:
                code = back_up_by_hand(azure, case.vm)
                if code != case.uncured:
                    yield f"left alone the next backup ends with {code}, not with {case.uncured}"
                azure.reload(scenario)
            jobs = azure.failed_jobs(case.vm)
            if not -len(jobs) <= case.job < len(jobs):
                yield f"{case.vm} has {len(jobs)} failed jobs, and not number {case.job}"
                return
            yield from _planned_and_applied(case, case.expect, azure, folder, run, jobs[case.job])
            for number, expect in enumerate(case.then, 2):
                azure.clear_log()
                (elsewhere := folder / f"visit-{number}").mkdir()
                job = azure.failed_jobs(case.vm)[-1]
                told = _planned_and_applied(case, expect, azure, elsewhere, run, job)
                yield from (f"visit {number}: {each}" for each in told)
    except SimulatorError as error:
        yield " ".join(str(error).split())


def _planned_and_applied(
    case: Case, expect: Expected, azure: SimulatorProcess, folder: Path, run: Runner, job: str
) -> Iterator[str]:
    arguments = ["--job-id", job, "--format", "json", *case.options]
    # If nothing may be done, --yes must give the same plan and write as little.
    planned = run(azure, folder, *arguments, "--yes" if expect.verdict is None else "--dry-run")
    plan = _told(planned)
    if plan is None:
        yield f"no plan: exit {planned.code}: {planned.err.strip()}"
        return
    if azure.writes():
        yield f"written before anything was applied: {_written(azure)}"
    if "steps" not in plan:
        yield f"it was applied, ending {plan['verdict']['ending']!r}; the case expects no verdict"
        return
    yield from _differs("steps", _steps(plan), expect.steps)
    yield from _differs("rung", (plan["ladder"] or {}).get("rung"), expect.rung)
    for text in expect.says:
        if text not in planned.out:
            yield f"the plan does not say {text!r}"
    if expect.verdict is None:
        yield from _differs("exit code", planned.code, expect.exit)
        return
    yield from _differs("exit code of the dry run", planned.code, 0)
    applied = run(azure, folder, *arguments, "--yes")
    yield from _differs("exit code", applied.code, expect.exit)
    report = _told(applied)
    if report is None:
        yield f"no report: exit {applied.code}: {applied.err.strip()}"
        return
    yield from _differs("verdict", report.get("verdict", {}).get("ending"), expect.verdict)
    yield from _judged(expect, azure, plan)


def _judged(expect: Expected, azure: SimulatorProcess, plan: dict[str, Any]) -> Iterator[str]:
    """Compare the writes with the plan and the case, and the final state with the case."""
    changes = [step["request"] for step in plan["steps"] if step["kind"] == "change"]
    sent = [(w["method"], same_path(w["url"])) for w in azure.writes()]
    allowed = [(request["method"], same_path(request["url"])) for request in changes]
    for method, path in sent:
        if (method, path) not in allowed:
            yield f"written without being planned: {method} {path}"
    if not _in_order(sent, allowed):
        yield f"not written in the plan's order: {_written(azure)}"
    if not matches(_written(azure), expect.writes):
        yield from _differs("writes", _written(azure), expect.writes)
    try:
        found = facts_of(azure.state(), expect.state)
    except (KeyError, StopIteration):
        yield f"not all of it is known: {', '.join(expect.state)}"
    else:
        yield from _differs("state", found, expect.state)


def _differs(what: str, found: object, wanted: object) -> Iterator[str]:
    if found != wanted:
        yield f"{what}: {found!r}, not {wanted!r}"


def _told(ended: Ended) -> dict[str, Any] | None:
    try:
        told = json.loads(ended.out)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _steps(plan: dict[str, Any]) -> list[str]:
    return folded(f"{step['kind']} {step['action']}" for step in plan["steps"])


def _written(azure: SimulatorProcess) -> list[str]:
    return folded(f"{w['method']} {same_path(w['url'])}" for w in azure.writes())


def _scenario(case: Case, folder: Path) -> str | Path:
    if isinstance(case.scenario, str):
        return case.scenario
    path = folder / "scenario.yaml"
    path.write_text(json.dumps(case.scenario, default=str), encoding="utf-8")
    return path


def folded(rows: Iterable[str]) -> list[str]:
    """Fold equal neighbours into one row with ` * n`."""
    found: list[tuple[str, int]] = []
    for row in rows:
        if found and found[-1][0] == row:
            found[-1] = (row, found[-1][1] + 1)
        else:
            found.append((row, 1))
    return [f"{row} * {count}" if count > 1 else row for row, count in found]


def _unfolded(rows: Iterable[str]) -> Iterator[str]:
    for row in rows:
        base, star, count = row.rpartition(" * ")
        yield from [base] * int(count) if star and count.isdigit() else [row]


def matches(rows: list[str], patterns: list[str]) -> bool:
    """Whether rows fit patterns one by one. `METHOD tail` fits any path with that tail.

    A pattern that ends in ` * n` stands for n equal rows.
    """
    found, wanted = list(_unfolded(rows)), list(_unfolded(patterns))
    return len(found) == len(wanted) and all(
        fnmatch.fnmatchcase(row, pattern.replace(" ", " *", 1))
        for row, pattern in zip(found, wanted, strict=True)
    )


def _in_order(sent: list[tuple[str, str]], planned: list[tuple[str, str]]) -> bool:
    """Whether the requests follow the plan's order. A request may be repeated at its place."""
    at = 0
    for request in sent:
        while at < len(planned) and planned[at] != request:
            at += 1
        if at == len(planned):
            return False
    return True


def same_path(url: str) -> str:
    """A URL's path as Azure reads it: decoded, without the SDK's doubled slashes."""
    path = unquote(urlsplit(url).path)
    return "/" + "/".join(part for part in path.split("/") if part)


def facts_of(state: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """The parts of the simulator's state that a case names.

    Raises:
        KeyError: a part is not known, or belongs to a VM that does not exist.
    """
    found: dict[str, Any] = {}
    for key in wanted:
        what, _, vm = key.partition(" of ")
        match what:
            case "points":
                found[key] = sum(
                    len(c["points"]) for c in state["collections"] if c["source"].endswith(f"/{vm}")
                )
            case "extensions" | "power":
                found[key] = next(v[what] for v in state["vms"] if v["name"] == vm)
            case "locks":
                found[key] = sorted(
                    lock["id"].rsplit("/", 1)[-1] for lock in state["locks"] if not lock["deleted"]
                )
            case "access":
                found[key] = next(
                    v["access"] for v in state["key_vaults"] if v["id"].endswith(f"/{vm}")
                )
            case "snapshot_only" | "state" | "policy" | "excluded_luns":
                found[key] = next(i[what] for i in state["items"] if i["vm"] == vm)
            case _:
                raise KeyError(key)
    return found
