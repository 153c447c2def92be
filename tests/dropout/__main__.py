"""`python -m tests.dropout`: leave out each field that the tool reads, and judge the runs."""

import argparse
import subprocess
import sys
import time
from collections import Counter

import tests.conftest  # noqa: F401 - fork the simulators as the tests do
from tests.dropout.cases import Played, all_played
from tests.dropout.figures import figures
from tests.dropout.stage import Stage
from tests.dropout.store import Store
from tests.dropout.suite import Finished, drops, finish
from tests.dropout.verdict import unproved
from tests.fields import page
from tests.places import ROOT

_FOLDER = ROOT / ".dropout"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.dropout", description=__doc__)
    parser.add_argument("--only", action="append", default=[], help="cases with this in their name")
    parser.add_argument("--part", default="1/1", help="of the cases, such as 1/4")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument(
        "--resume", action="store_true", help="leave out what is in .dropout already"
    )
    parser.add_argument("--every-null", action="store_true", help="null also where it is absence")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/fields.md")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    """Play the suite. Returns 1 if a promise was broken."""
    how = _arguments()
    store = Store(_FOLDER)
    if how.worker:
        _work(how, store, how.worker)
        return 0
    if not how.resume:
        store.forget()
    workers = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.dropout",
                "--worker",
                f"{n}/{how.processes}",
                *sys.argv[1:],
            ]
        )
        for n in range(1, how.processes + 1)
    ]
    failed = [worker for worker in workers if worker.wait()]
    broken = _sum_up(store.all())
    if how.write:
        with Stage() as stage:
            cases = len(all_played(stage.azure))
        page.PAGE.write_text(page.page(figures(store.all(), cases)), "utf-8")
    return 1 if failed or broken else 0


def _work(how: argparse.Namespace, store: Store, worker: str) -> None:
    """Play this worker's share of the cases."""
    with Stage() as stage:
        share = _share(_share(all_played(stage.azure), how.part), worker)
        for played in share:
            wanted = not how.only or any(each in played.name for each in how.only)
            if not wanted or (how.resume and store.has(played.name)):
                continue
            began = time.monotonic()
            found = finish(
                stage, played, lambda observed: drops(observed, every_null=how.every_null)
            )
            store.put(found)
            _tell(found, time.monotonic() - began)


def _share(cases: list[Played], part: str) -> list[Played]:
    number, of = (int(each) for each in part.split("/"))
    return cases[number - 1 :: of]


def _tell(found: Finished, seconds: float) -> None:
    went = Counter(run.kind for run in found.runs)
    told = ", ".join(f"{count} {kind}" for kind, count in went.most_common())
    print(f"{found.name}: {len(found.runs)} runs, {told}; {seconds:.0f} s", flush=True)
    for run in found.runs:
        for complaint in run.complaints:
            print(f"BROKEN {found.name}: {run.field} {run.how}: {complaint}", flush=True)


def _sum_up(all_: list[Finished]) -> int:
    runs = [run for found in all_ for run in found.runs]
    weak = [text for found in all_ for text in unproved(found)]
    for text in sorted(set(weak)):
        print(f"HELD {text}", flush=True)
    broken = sum(bool(run.complaints) for run in runs) + len(weak)
    fields = {run.field for run in runs}
    print(f"{len(all_)} cases, {len(fields)} fields, {len(runs)} runs, {broken} broken", flush=True)
    for kind, count in Counter(run.kind for run in runs).most_common():
        print(f"  {count} {kind}", flush=True)
    return broken


if __name__ == "__main__":
    sys.exit(main())
