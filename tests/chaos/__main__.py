"""`python -m tests.chaos`: run many remediations under kills and faults, and judge them."""

import argparse
import secrets
import sys
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace

import tests.conftest  # noqa: F401 - fork the simulators as the tests do
from tests.chaos.rounds import Played, Wanted, play, violations
from tests.places import DOCS
from tests.postgres import Postgres

_PAGE = DOCS / "reliability.md"
_A_ROUND = 20


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--state", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--runs", type=int, default=200, help="remediations, each of its own VM")
    parser.add_argument("--kills", type=int, default=100, help="kill -9, at least so many")
    parser.add_argument("--seed", default=None, help="of every choice; told when not given")
    parser.add_argument(
        "--together", type=int, default=1, help="remediations in one process, on SQLite"
    )
    parser.add_argument("--workers", type=int, default=2, help="on PostgreSQL")
    parser.add_argument(
        "--one-dies", action="store_true", help="of the workers, for good; PostgreSQL stays"
    )
    parser.add_argument(
        "--write", action="store_true", help="put the figures into docs/reliability.md"
    )
    return parser.parse_args()


def main() -> int:
    """Play the rounds. Returns 1 if a promise was broken, or a plan or kills are missing."""
    how = _arguments()
    if how.one_dies:
        how.state, how.kills = "postgresql", 1
    seed = how.seed or secrets.token_hex(4)
    print(f"seed {seed}", flush=True)
    played: list[Played] = []
    with ExitStack() as stack:
        server = stack.enter_context(Postgres()) if how.state == "postgresql" else None
        left, kills = how.runs, how.kills
        while left > 0:
            runs = min(_A_ROUND, left)
            number = len(played) + 1
            share = -(-kills * runs // left) if left else kills
            wanted = Wanted(
                f"{seed}-{number}", runs, share, server, workers=how.workers, days=number % 2 == 0
            )
            if how.together > 1:  # a process lives longer, and so meets more of each
                wanted = replace(
                    wanted, together=how.together, faults_every=2.5, acts_every=5.0, leaps_every=9.0
                )
            if how.one_dies:
                wanted = replace(wanted, stops=0, come_back=False)
            played.append(play(wanted))
            left, kills = left - runs, max(0, kills - played[-1].kills.all)
            _tell(number, runs, played[-1])
    rows = _rows(_name(how), played)
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"{name:{width}}  {value}")
    broken = violations(played)
    unplanned = [vm for round_ in played for vm in round_.unplanned]
    if unplanned:
        print(f"no plan in that weather: {', '.join(unplanned)}")
    too_few = sum(each.kills.all for each in played) < how.kills
    if too_few:
        print(f"fewer kills than {how.kills}")
    if how.write:
        mark = "one dies" if how.one_dies else "together" if how.together > 1 else how.state
        _write(mark, rows, seed)
    return 1 if broken or unplanned or too_few else 0


def _name(how: argparse.Namespace) -> str:
    if how.one_dies:
        return f"{how.workers} workers, one dies"
    return f"{how.state}, {how.together} in a process" if how.together > 1 else str(how.state)


def _tell(number: int, runs: int, played: Played) -> None:
    print(
        f"round {number}: {runs} runs, {played.kills.all} kills, {played.faults} faults, "
        f"{len(played.judgement.violations)} broken, {played.seconds:.0f} s",
        flush=True,
    )
    for each in played.judgement.violations:
        print(f"BROKEN {each}", flush=True)
    if played.folder:
        print(f"kept: {played.folder}", flush=True)


def _rows(state: str, played: list[Played]) -> list[tuple[str, str]]:
    figures: Counter[str] = sum((each.judgement.figures for each in played), Counter())
    broken = Counter(each.what for each in violations(played))
    acts: Counter[str] = sum((each.acts for each in played), Counter())
    numbers = {
        "kill -9": sum(each.kills.all for each in played),
        "of these in the middle of a run": sum(each.kills.in_the_middle for each in played),
        "faults set": sum(each.faults for each in played),
        "acts of another administrator": acts.total(),
        **{f"of these: {act}": times for act, times in sorted(acts.items())},
        "hours by which Azure's clock leapt": round(sum(each.hours for each in played)),
    }
    if not state.startswith("sqlite"):
        numbers["runs that were under way in a killed worker"] = sum(each.hit for each in played)
        numbers["PostgreSQL stopped"] = sum(each.stops for each in played)
    names = sorted(name for name in figures if name.startswith("ended: "))
    first = ("runs", "requests", "changes sent", "triggers")
    rest = [name for name in sorted(figures) if name not in (*first, *names)]
    return [
        ("state", state),
        ("runs", str(figures["runs"])),
        *((name, str(value)) for name, value in numbers.items()),
        *((name, str(figures[name])) for name in (*first[1:], *names, *rest)),
        ("changes outside the plans", str(broken.pop("a change outside the plans", 0))),
        ("carried out twice", str(broken.pop("carried out twice", 0))),
        ("locks off and not named", str(broken.pop("a lock is off and not named", 0))),
        ("VMs on or off and not named", str(broken.pop("a VM's power is another one", 0))),
        ("tracebacks", str(broken.pop("a traceback", 0))),
        ("other promises broken", str(broken.total())),
        ("minutes", f"{sum(each.seconds for each in played) / 60:.1f}"),
    ]


def _write(state: str, rows: list[tuple[str, str]], seed: str) -> None:
    """Put the figures between the page's markers."""
    begin, end = f"<!-- chaos {state}: begin -->", f"<!-- chaos {state}: end -->"
    before, _, rest = _PAGE.read_text("utf-8").partition(begin)
    _, _, after = rest.partition(end)
    table = "\n".join(f"| {name} | {value} |" for name, value in rows[1:])
    head = f"| {rows[0][1]}, seed {seed} | |\n|---|---|"
    _PAGE.write_text(f"{before}{begin}\n{head}\n{table}\n{end}{after}", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
