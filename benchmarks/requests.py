"""The dry run of one job of each playbook: requests and round trips."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.figures import table
from benchmarks.how import How
from tests.dry_runs import CASES, dry_run
from tests.round_trips import round_trips

_WANTED: Final = 7


def measure(how: How) -> str:
    """Count the requests of each playbook once. They are the same in each round."""
    counts = {name: _counted(name) for name in list(CASES)[: how.size(len(CASES), 2)]}
    order = sorted(counts, key=lambda name: (counts[name], name))
    rows = [[f"`{name}`", *map(str, counts[name])] for name in order]
    sums = sorted(Counter(counts.values()).items())
    told = ", ".join(f"{number} with {r} in {t}" for (r, t), number in sums)
    more = sum(requests > _WANTED for requests, _ in counts.values())
    return (
        "One case of each playbook; the job is named by its full id. Playbooks with so many "
        f"requests in so many round trips: {told}. Wanted: at most {_WANTED} requests; "
        f"{more} playbooks make more. `tests/cli/test_requests.py` gives their reasons.\n\n"
        + table(["playbook", "requests", "round trips"], rows)
    )


def _counted(playbook: str) -> tuple[int, int]:
    with TemporaryDirectory() as folder:
        _, requests = dry_run(CASES[playbook], Path(folder))
    return len(requests), round_trips(requests)
