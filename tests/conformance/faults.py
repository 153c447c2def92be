"""Faults in the forms that Azure uses, and the tool's decision on each: `faults.yaml`."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from remediator.simulator.process import SimulatorProcess
from tests.command import STEP, Ended, environment, remediate
from tests.conformance.verdict import Verdict

TABLE = Path(__file__).with_suffix(".yaml")
LONGEST_LINE = 1200


def judge() -> Verdict:
    """Try every fault of the table."""
    rows: list[dict[str, Any]] = YAML(typ="safe").load(TABLE.read_text(encoding="utf-8"))
    verdict = Verdict(
        "faults as Azure makes them",
        "the command line, against each fault: the right decision and one clear line",
        f"{len(rows)} faults met",
    )
    for row in rows:
        verdict.wrong += [f"{row['name']}: {problem}" for problem in _meet(row)]
    verdict.details.append("- " + "; ".join(row["name"] for row in rows) + ".")
    return verdict


def _meet(row: dict[str, Any]) -> Iterator[str]:
    with (
        SimulatorProcess("extension-stuck", time="stepped", step=STEP) as azure,
        tempfile.TemporaryDirectory() as state,
    ):
        job = azure.failed_jobs("web")[-1]
        azure.fault(**row["fault"])
        how = "--dry-run" if row["run"] == "dry" else "--yes"
        env = environment(azure, Path(state))
        options = row.get("options", [])
        ended = remediate("--job-id", job, how, "--format", "json", *options, env=env)
        yield from _problems(row, ended)
        sent = [(w["method"], w["path"], w["status"]) for w in azure.writes()]
        made = [j for j in azure.state()["jobs"]["web"] if j["user_triggered"]]
        if row["run"] == "dry" and sent:
            yield f"a dry run sent {sent}"
        deletes = sum(method == "DELETE" for method, _, _ in sent)
        if "deletes" in row and deletes != row["deletes"]:
            yield f"{deletes} deletions were sent, not {row['deletes']}"
        if "backups" in row and len(made) != row["backups"]:
            yield f"{len(made)} backups were made, not {row['backups']}"


def _problems(row: dict[str, Any], ended: Ended) -> Iterator[str]:
    told = ended.err + ended.out
    if ended.code != row["exit"]:
        yield f"exit {ended.code}, not {row['exit']}: {ended.err.strip()[-300:]}"
    if "Traceback" in told or "internal error" in told:
        yield "a traceback"
    lines = ended.err.splitlines() + _texts(ended.out)
    for text in row["says"]:
        if not any(text in line for line in lines):
            yield f"{text!r} is not said"
    own = [line for line in ended.err.splitlines() if line.startswith("remediate: ")]
    if row["exit"] == 1 and len(own) != 1:
        yield f"{len(own)} lines of complaint"
    if any(len(line) > LONGEST_LINE for line in own):
        yield "a line that nobody reads"


def _texts(out: str) -> list[str]:
    """Every plain value in the JSON on stdout, as text."""
    try:
        found = json.loads(out) if out.strip() else None
    except ValueError:
        return [out]
    texts: list[str] = []

    def look(node: Any) -> None:
        if isinstance(node, dict):
            for value in node.values():
                look(value)
        elif isinstance(node, list):
            for value in node:
                look(value)
        else:
            texts.append(str(node))

    look(found)
    return texts
