"""`python -m tests.fuzz`: plans and runs with odd answers and another administrator, judged."""

import argparse
import json
import logging
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator

import tests.conftest  # noqa: F401 - fork the simulators as the tests do
from tests.fuzz.figures import figures, write
from tests.fuzz.judge import judge
from tests.fuzz.outcome import Result, result_of
from tests.fuzz.rounds import Kind, round_of
from tests.fuzz.stage import TOOL, Ran, Stage
from tests.places import ROOT

_FOLDER = ROOT / ".fuzz"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--plans", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--seed", default=None, help="of every choice; told when not given")
    parser.add_argument(
        "--only", help="one round, shown whole: its number, or `run 7`, `plan 7`", default=None
    )
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=None, help="begin no round after these")
    parser.add_argument("--write", action="store_true", help="figures into docs/reliability.md")
    parser.add_argument("--worker", type=int, default=None, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    """Play the rounds. Returns 1 if a promise was broken or a worker failed."""
    how = _arguments()
    how.seed = how.seed or secrets.token_hex(4)
    if how.only:
        return _one(how)
    if how.worker is not None:
        _work(how)
        return 0
    print(f"seed {how.seed}", flush=True)
    _FOLDER.mkdir(exist_ok=True)
    for old in _FOLDER.glob("*.jsonl"):
        old.unlink()
    given = [*sys.argv[1:], "--seed", how.seed]
    workers = [
        subprocess.Popen([sys.executable, "-m", "tests.fuzz", *given, "--worker", str(n)])
        for n in range(how.processes)
    ]
    failed = [worker for worker in workers if worker.wait()]
    results = list(_results())
    text = figures(results, how.seed)
    print(text)
    broken = sum(bool(each.violations) for each in results)
    print(f"{len(results)} rounds, {broken} with a broken promise")
    if how.write:
        write(text)
    return 1 if failed or broken else 0


def _numbers(how: argparse.Namespace) -> Iterator[tuple[Kind, int]]:
    """A worker's rounds. Runs come between the plans, so that a shortened fuzz has both."""
    every = max(1, how.plans // max(1, how.runs))
    runs = 0
    for plan in range(max(how.plans, how.runs * every)):
        if plan < how.plans and plan % how.processes == how.worker:
            yield "plan", plan
        if plan % every == 0 and runs < how.runs:
            if runs % how.processes == how.worker:
                yield "run", runs
            runs += 1


def _work(how: argparse.Namespace) -> None:
    """Play this worker's share."""
    logging.getLogger("aiohttp").addHandler(logging.NullHandler())  # do not log odd requests
    path, began = _FOLDER / f"{how.worker}.jsonl", time.monotonic()
    with Stage() as stage, path.open("w", encoding="utf-8") as results:
        for kind, number in _numbers(how):
            if how.minutes and time.monotonic() - began > 60 * how.minutes:
                break
            result, _ = _played(stage, how.seed, kind, number)
            results.write(json.dumps(result.as_json()) + "\n")
            results.flush()
            for _, text in result.violations:
                print(f"BROKEN {result}: {text}", flush=True)
            if number % 250 == 0:
                print(f"{kind} {number}: {time.monotonic() - began:.0f} s", flush=True)


def _played(stage: Stage, seed: str, kind: Kind, number: int, *more: str) -> tuple[Result, Ran]:
    wanted = round_of(seed, kind, number, stage.plots, stage.azure)
    ran = stage.play(wanted, TOOL, *more)
    return result_of(wanted, ran, judge(ran)), ran


def _results() -> Iterator[Result]:
    for path in sorted(_FOLDER.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            yield Result(**json.loads(line))


def _one(how: argparse.Namespace) -> int:
    """Play one round, and print all its details."""
    word, _, number = how.only.rpartition(" ")
    kinds: tuple[Kind, ...] = ("run",) if word == "run" else ("plan",) if word else ("plan", "run")
    broken = 0
    with Stage() as stage:
        for kind in kinds:
            result, ran = _played(stage, how.seed, kind, int(number), "--debug")
            wanted = round_of(how.seed, kind, int(number), stage.plots, stage.azure)
            for strike in wanted.strikes:
                print(
                    f"rule: {strike.name}, {strike.share}, {strike.how}, steady {strike.steady}, "
                    f"patient {strike.patient}"
                )
            for act in wanted.acts:
                print(f"act: {act.act} after {act.number}th {act.after}")
            print(f"faults: {wanted.faults}\n{ran.out}\n{ran.err}")
            for entry in ran.log:
                print(entry["n"], entry["method"], entry["url"], entry["status"])
            print(f"{result}, exit {ran.code}, {ran.seconds:.1f} s, by {ran.acts}")
            for _, text in result.violations:
                print(f"BROKEN {text}")
            broken += bool(result.violations)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
