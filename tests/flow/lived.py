"""A history that was really lived: scans and runs on a simulated Azure, with time stepped."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from remediator.simulator.process import SimulatorProcess
from tests.command import STEP, Ended, completed, environment, remediate
from tests.flow.estates import CODE, estate, vm

DAY: Final = 86400.0
AGAIN: Final = 6 * 3600.0
"""Seconds between the failed job of the VM `again` and its recovery point."""


@dataclass(frozen=True)
class Lived:
    """The state folder at the end, and the jobs as Azure knows them."""

    folder: Path
    env: dict[str, str]
    jobs: dict[str, list[dict[str, Any]]]

    def history(self, *options: str) -> Ended:
        """Run `remediate history` in 80 columns."""
        return remediate("history", *options, env=self.env)

    def raw(self, *arguments: str, state: Path | None = None) -> str:
        """The stdout of a command, exactly. It may use another state."""
        env = self.env | ({"REMEDIATE_STATE": str(state)} if state else {})
        code, out, _err = completed("remediator", *arguments, env=env)
        assert code == 0
        return out.decode("utf-8")


def points(newest: str) -> dict[str, Any]:
    """Recovery points. The VM with the oldest ones is treated first, whatever is read first."""
    return {"points": {"count": 2, "newest": newest}}


def live(folder: Path) -> Lived:
    """Two nights: `app` recovers, `stuck` fails again twice, a limit leaves `web` alone.

    `db` needs consent, and `again` had recovered by itself before the first scan.
    """
    path = estate(
        folder,
        vm("web", "main", collection=points("40h ago")),
        vm("app", "main", collection=points("50h ago")),
        vm(
            "stuck",
            "apps",
            collection=points("60h ago"),
            ailments=[{"code": CODE, "times": 99}],
        ),
        vm("db", "apps", agent="not-ready"),
        vm(
            "again",
            "main",
            history=[{"at": "9h ago", "code": CODE}, {"at": "3h ago", "status": "Completed"}],
            collection=points("3h ago"),
        ),
    )
    state = folder / "state"
    with SimulatorProcess(path, time="stepped", step=STEP) as azure:
        env = environment(azure, state) | {"COLUMNS": "80"}
        remediate("scan", "--apply", "--yes", "--max-targets", "2", env=env).check(3)
        remediate("run", azure.failed_jobs("stuck")[-1], "--yes", env=env).check(3)
        azure.advance(DAY)
        remediate("scan", "--since", "3d", env=env).check(0)
        jobs = azure.state()["jobs"]
    return Lived(state, env, jobs)
