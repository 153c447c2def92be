"""The inputs of the fuzz: the cases of the drop-out suite, and those of chaos."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from remediator.simulator.process import SimulatorProcess
from tests.chaos.cloud import KINDS, scenario, vms
from tests.cut_short import PUT_BACK
from tests.dropout.cases import all_played

ALL_CONSENT: Final = (
    *(
        f"--allow={impact}"
        for impact in ("downtime", "cost", "protection", "security", "guest", "destructive")
    ),
    "--allow-data-loss",
)


@dataclass(frozen=True)
class Plot:
    """A failed job to remedy."""

    name: str
    scenario: str | dict[str, Any]
    vm: str
    job: int
    options: tuple[str, ...]


def plots(azure: SimulatorProcess, folder: Path) -> list[Plot]:
    """All plots.

    Args:
        azure: a simulator, which tells the failed jobs of each scenario. It is reloaded.
        folder: the folder for the playbook that puts locks back.
    """
    books = folder / "books"
    books.mkdir(exist_ok=True)
    (books / "put-back.yaml").write_text(PUT_BACK, "utf-8")
    found = [
        Plot(each.name, each.case.scenario, each.case.vm, each.case.job, tuple(each.case.options))
        for each in all_played(azure)
    ]
    machines = vms(len(KINDS))
    cloud = scenario(machines)
    for vm in machines:
        rules = ("--playbooks", str(books)) if vm.kind.puts_back else ()
        found.append(Plot(f"chaos: {vm.kind.name}", cloud, vm.name, vm.kind.job, rules))
    return found
