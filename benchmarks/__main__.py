"""Measure, and write the page."""

import argparse
import sys
from pathlib import Path
from typing import Final

from benchmarks import by_hand, fixing, one_job, requests, scanning, starting, working
from benchmarks.document import PAGE, machine, write
from benchmarks.how import How
from benchmarks.part import NotMeasuredError, Part

PARTS: Final = (
    Part("start-up", "Start-up", starting.measure),
    Part("one-job", "The dry run of one job", one_job.measure),
    Part("requests", "The requests of a dry run", requests.measure),
    Part("by-hand", "Many jobs, beside a script with azure-cli", by_hand.measure),
    Part("scan-1000", "A scan of 1,000 failed jobs", scanning.small),
    Part("scan-10000", "A scan of 10,000 failed jobs", scanning.large),
    Part("fixes", "Fixes side by side", fixing.measure),
    Part("workers", "Fixes by several workers", working.measure),
)


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = [part.name for part in PARTS]
    parser.add_argument("--only", action="append", choices=names, help="only this part; repeatable")
    parser.add_argument("--rounds", type=int, default=3, help="how often each thing is measured")
    parser.add_argument(
        "--az", type=Path, help="the program of azure-cli; else it is installed in .conformance"
    )
    parser.add_argument("--tiny", action="store_true", help="tiny sizes, to see that it runs")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Measure the parts that are asked for. The page is written after each."""
    options = _arguments(argv)
    how = How(options.rounds, options.tiny, options.az)
    for part in PARTS:
        if options.only and part.name not in options.only:
            continue
        print(f"measuring {part.name}", file=sys.stderr, flush=True)
        try:
            told = f"{machine(how.rounds)}\n\n{part.measure(how)}"
        except NotMeasuredError as error:
            print(f"not measured: {error}", file=sys.stderr, flush=True)
            continue
        write({part.name: told}, PARTS, options.page)
        print(f"## {part.title}\n\n{told}\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
