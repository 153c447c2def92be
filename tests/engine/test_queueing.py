"""One command puts all its runs into the queue over one opening of it."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg

from remediator.simulator.process import SimulatorProcess
from tests.command import STEP, environment, remediate
from tests.evidence import scenario, until
from tests.postgres import Postgres

_OTHERS = (
    "select count(*) from pg_stat_activity"
    " where datname = current_database() and pid <> pg_backend_pid()"
)
_SESSIONS = "select sessions from pg_stat_database where datname = current_database()"


def sessions(watching: psycopg.Connection[Any]) -> int:
    """How many sessions the database has had, when all of them but ours have ended."""

    def ask(query: Any) -> int:
        [[found]] = watching.execute(query).fetchall()
        return int(found)

    until(lambda: ask(_OTHERS) == 0, "the command has closed its sessions")
    return ask(_SESSIONS)


def test_runs_of_one_command_are_queued_over_one_opening(
    postgres: Postgres, tmp_path: Path
) -> None:
    stuck = {
        "copies": 6,
        "extensions": [{"name": "VMSnapshot", "state": "failed"}],
        "collection": {"points": {"count": 2, "newest": "1d ago"}},
        "scheduled_backup": "3h ago",
    }
    path, url = scenario(tmp_path, stuck), postgres.database()
    with (
        SimulatorProcess(path, time="stepped", step=STEP) as azure,
        psycopg.connect(url, autocommit=True) as watching,
    ):
        env = environment(azure, tmp_path) | {"REMEDIATE_STATE": url}
        names = [vm["name"] for vm in azure.state()["vms"]]
        counts = [sessions(watching)]
        # The first command makes the tables. The second queues one run, the third four.
        for vms in (names[:1], names[1:2], names[2:]):
            named = [word for vm in vms for word in ("--job-id", *azure.failed_jobs(vm)[-1:])]
            ended = remediate(*named, "--yes", "--enqueue", env=env).check(0)
            assert len(set(re.findall(r"run-\d{8}-\d{6}-\w+", ended.out))) == len(vms), ended
            counts.append(sessions(watching))

        _, one, four = (after - before for before, after in pairwise(counts))
        assert one > 0
        # One opening takes a session more if two of its threads ask at the same moment. Four
        # openings take four times as many.
        assert four < 2 * one
