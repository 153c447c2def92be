"""Every playbook proved by its case file: `tests/playbooks/CODE.yaml`.

For each case, on simulators of the same scenario:

- left alone, the next backup fails again with the same code (the cause is there);
- a dry run sends no write and plans the steps that the case names;
- applied, exactly the planned requests are written, in order, and nothing else;
- the verdict, the exit code and the state of the subscription are what the case says.
"""

import fnmatch
import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML

from remediator.catalogue import read_catalogue
from remediator.simulator.process import SimulatorProcess
from tests.by_hand import back_up_by_hand
from tests.command import STEP, environment, remediate

FOLDER = Path(__file__).parent / "playbooks"


class Expected(BaseModel):
    """What a case says must come out."""

    model_config = ConfigDict(extra="forbid")

    rung: str | None = None
    steps: list[str]
    """`KIND ACTION` of each step, in order; equal ones in a row as `KIND ACTION * n`."""
    writes: list[str] = Field(default_factory=list)
    """`METHOD end-of-path` of each write, in order, with `*`; the same folding."""
    says: list[str] = Field(default_factory=list)
    """Texts that the plan must contain somewhere."""
    exit: int
    verdict: str | None = None
    """None: nothing is applied, and so nothing is proved."""
    state: dict[str, Any] = Field(default_factory=dict)
    """`points of VM`, `extensions of VM`, `power of VM`, `locks`, and of a VM's protected item
    `state of VM`, `policy of VM`, `excluded_luns of VM`, `snapshot_only of VM`: what is there in
    the end."""


class Case(BaseModel):
    """One case."""

    model_config = ConfigDict(extra="forbid")

    name: str
    scenario: str | dict[str, Any]
    """A scenario that comes along, by its name, or one written out here."""
    vm: str = "web"
    job: int = -1
    """Which of the VM's failed jobs, oldest first."""
    options: list[str] = Field(default_factory=list)
    uncured: str | None = None
    """With what the next backup fails when nothing is done; None: it would not fail."""
    proves: list[str] = Field(default_factory=list)
    """Rows of the catalogue, causes and codes for which docs/coverage.md names this case."""
    each: list[str] = Field(default_factory=list)
    """The case is run once for each of these, put in place of every `<each>` in it."""
    expect: Expected


class CaseFile(BaseModel):
    """All cases of a playbook."""

    model_config = ConfigDict(extra="forbid")

    playbook: str
    cases: list[Case]


def read(path: Path) -> CaseFile:
    found = CaseFile.model_validate(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
    return found.model_copy(update={"cases": [c for case in found.cases for c in spread(case)]})


def spread(case: Case) -> list[Case]:
    """The case, once for each of what it is to be run for."""
    text = case.model_copy(update={"each": []}).model_dump_json()
    return [
        Case.model_validate_json(text.replace("<each>", json.dumps(each)[1:-1]))
        for each in case.each
    ] or [case]


FILES = [read(path) for path in sorted(FOLDER.glob("*.yaml"))]


@pytest.mark.parametrize(
    ("case"), [pytest.param(c, id=f"{f.playbook}: {c.name}") for f in FILES for c in f.cases]
)
def test_case(case: Case, tmp_path: Path) -> None:
    scenario = scenario_of(case, tmp_path)
    if case.uncured:
        with SimulatorProcess(scenario, time="stepped") as azure:
            assert back_up_by_hand(azure, case.vm) == case.uncured
    with SimulatorProcess(scenario, time="stepped", step=STEP) as azure:
        env = environment(azure, tmp_path)
        job = azure.failed_jobs(case.vm)[case.job]
        arguments = ["--job-id", job, "--format", "json", *case.options]

        # Where nothing may be done, --yes must come to the same plan and write as little.
        how = "--yes" if case.expect.verdict is None else "--dry-run"
        planned = remediate(*arguments, how, env=env)
        plan = planned.json()
        assert azure.writes() == []
        assert folded(f"{s['kind']} {s['action']}" for s in plan["steps"]) == case.expect.steps
        assert (plan["ladder"] or {}).get("rung") == case.expect.rung
        for text in case.expect.says:
            assert text in planned.out
        if case.expect.verdict is None:
            planned.check(case.expect.exit)
            return

        planned.check(0)
        report = remediate(*arguments, "--yes", env=env).check(case.expect.exit).json()
        assert report["verdict"]["ending"] == case.expect.verdict, report["verdict"]
        changes = [s for s in plan["steps"] if s["kind"] == "change"]
        sent = [(w["method"], same_path(w["url"])) for w in azure.writes()]
        allowed = [(c["request"]["method"], same_path(c["request"]["url"])) for c in changes]
        assert [s for s in sent if s not in allowed] == []
        assert in_order(sent, allowed)
        written = [f"{method} {path}" for method, path in sent]
        assert matches(folded(written), case.expect.writes), folded(written)
        seen = facts_of(azure.state(), case.expect.state)
        assert seen == case.expect.state


def scenario_of(case: Case, folder: Path) -> str | Path:
    if isinstance(case.scenario, str):
        return case.scenario
    path = folder / "scenario.yaml"
    path.write_text(json.dumps(case.scenario), encoding="utf-8")
    return path


def test_every_playbook_has_a_case_file_and_every_rung_a_case() -> None:
    proved = {(f.playbook, c.expect.rung) for f in FILES for c in f.cases}
    wanted = {(p.name, r.rung) for p in read_catalogue().playbooks for r in p.ladder}
    assert wanted - proved == set()


def folded(rows: Any) -> list[str]:
    """Equal rows in a row as one with ` * n`."""
    found: list[list[Any]] = []
    for row in rows:
        if found and found[-1][0] == row:
            found[-1][1] += 1
        else:
            found.append([row, 1])
    return [f"{row} * {count}" if count > 1 else row for row, count in found]


def matches(rows: list[str], patterns: list[str]) -> bool:
    """Whether rows fit patterns one by one; `METHOD tail` fits any path with that tail.

    A pattern ending in ` * n` stands for n rows in a row.
    """
    wanted: list[str] = []
    for pattern in patterns:
        base, star, count = pattern.rpartition(" * ")
        wanted += [base] * int(count) if star and count.isdigit() else [pattern]
    spread: list[str] = []
    for row in rows:
        base, star, count = row.rpartition(" * ")
        spread += [base] * int(count) if star and count.isdigit() else [row]
    return len(spread) == len(wanted) and all(
        fnmatch.fnmatchcase(row, p.replace(" ", " *", 1))
        for row, p in zip(spread, wanted, strict=True)
    )


def in_order(sent: list[tuple[str, str]], planned: list[tuple[str, str]]) -> bool:
    """Whether the requests follow the plan's order; one may have been sent again in its place."""
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
    """The parts of the simulator's state that a case names."""
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
            case "snapshot_only" | "state" | "policy" | "excluded_luns":
                found[key] = next(i[what] for i in state["items"] if i["vm"] == vm)
            case _:
                raise AssertionError(f"a case asks for {key!r}, which is not known")
    return found
