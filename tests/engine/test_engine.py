"""The durable engine alone: what a killed process had done is not done again."""

import base64
import json
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from remediator.engine.history import History
from remediator.engine.postgres import PostgresClaims, Presence
from remediator.engine.state import signing_key
from remediator.errors import BadInputError, StateError
from remediator.record.state import state_at
from remediator.report.runs import RunState
from tests.command import Ended, completed
from tests.evidence import until
from tests.places import ROOT
from tests.postgres import Postgres
from tests.processes import start


def work(
    folder: Path, run_id: str, how: str, said: str | None = None, worker: str = "worker"
) -> Ended:
    arguments = (str(folder), run_id, how, said or str(folder))
    code, out, err = completed(f"tests.engine.{worker}", *arguments, env=dict(os.environ), cwd=ROOT)
    return Ended(code, out.decode(), err.decode())


def log(folder: Path) -> list[int]:
    return [int(line) for line in (folder / "log").read_text().split()]


@pytest.fixture(params=["sqlite", "postgresql"])
def said(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A state of each kind, as `--state` takes it."""
    if request.param == "sqlite":
        return str(tmp_path)
    server: Postgres = request.getfixturevalue("postgres")
    return server.database()


@pytest.mark.parametrize("stage", [0, 2, 3])
def test_a_killed_run_goes_on_at_the_stage_that_was_under_way(
    said: str, tmp_path: Path, stage: int
) -> None:
    assert work(tmp_path, "run-1", str(stage), said).code == -signal.SIGKILL
    assert log(tmp_path) == list(range(stage + 1))
    ended = work(tmp_path, "run-1", "on", said)
    assert ended.json() == {"done": [{"stage": n} for n in range(4)]}, ended.err
    assert log(tmp_path) == [*range(stage + 1), *range(stage, 4)]


def test_a_run_longer_than_many_looks_of_its_guard_ends_well(said: str, tmp_path: Path) -> None:
    ended = work(tmp_path, "run-1", "on", said, "guarded")
    assert ended.code == 0, ended.err
    assert ended.json()["returned"] == [{"put": "back"}]
    [told] = (tmp_path / "log").read_text().splitlines()
    assert json.loads(told) == ended.json()["done"]


def test_what_a_long_run_that_died_owes_is_put_back_when_it_is_taken_up(
    said: str, tmp_path: Path
) -> None:
    assert work(tmp_path, "run-1", "die", said, "guarded").code == -signal.SIGKILL
    assert not (tmp_path / "log").exists()
    ended = work(tmp_path, "run-1", "on", said, "guarded")
    assert ended.code == 0, ended.err
    assert ended.json()["returned"] == [{"put": "back"}]
    assert len((tmp_path / "log").read_text().splitlines()) == 1


def test_a_run_is_begun_once_and_another_process_takes_up_only_its_own(
    said: str, tmp_path: Path
) -> None:
    work(tmp_path, "run-1", "1", said)
    assert work(tmp_path, "run-2", "on", said).code == 0
    assert log(tmp_path) == [0, 1, 0, 1, 2, 3]
    assert work(tmp_path, "run-2", "on", said).code == 0
    assert log(tmp_path) == [0, 1, 0, 1, 2, 3]
    history = History(state_at(said, tmp_path))
    states = {run.run_id: run.state for run in history.runs()}
    history.close()
    assert states == {"run-1": RunState.UNFINISHED, "run-2": RunState.ENDED}


def test_nothing_is_left_of_a_forgotten_run(said: str, tmp_path: Path) -> None:
    work(tmp_path, "run-1", "1", said)
    work(tmp_path, "run-2", "on", said)
    history = History(state_at(said, tmp_path))
    history.forget(["run-2"])
    history.close()
    if said.startswith("postgresql"):
        with psycopg.connect(said) as server:
            kept = _cells(server, PLACES_OF_POSTGRESQL)
    else:
        with sqlite3.connect(tmp_path / "state.sqlite") as file:
            kept = _cells(file, PLACES_OF_SQLITE)
    assert any("run-1" in cell for cell in kept)
    assert [cell for cell in kept if "run-2" in cell] == []


def _cells(database: Any, places: str) -> list[str]:
    """The text of every cell in these columns."""
    found = database.execute(places).fetchall()
    rows = [database.execute(f'select "{column}" from {table}') for table, column in found]  # noqa: S608
    return [str(cell) for row in rows for (cell,) in row.fetchall()]


def test_a_run_killed_while_it_was_taken_up_is_unfinished_and_is_taken_up(
    said: str, tmp_path: Path
) -> None:
    work(tmp_path, "run-1", "1", said)
    taken = "status = 'ENQUEUED', queue_name = '_dbos_internal_queue', started_at_epoch_ms = null"
    if said.startswith("postgresql"):
        with psycopg.connect(said) as server:
            server.execute(f"update dbos.workflow_status set {taken}")  # noqa: S608
    else:
        with sqlite3.connect(tmp_path / "state.sqlite") as file:
            file.execute(f"update workflow_status set {taken}")  # noqa: S608
    history = History(state_at(said, tmp_path))
    assert [run.state for run in history.runs()] == [RunState.UNFINISHED]
    history.close()
    assert work(tmp_path, "run-1", "on", said).code == 0
    assert log(tmp_path) == [0, 1, 1, 2, 3]


UNREACHABLE = "perhaps another worker (the database cannot be reached)"


def test_no_vm_is_claimed_while_the_database_is_away_and_no_run_breaks_of_it(
    postgres: Postgres, tmp_path: Path
) -> None:
    with Presence(state_at(postgres.database(), tmp_path), "one") as presence:
        claims = PostgresClaims(presence)
        postgres.stop(at_once=True)
        try:
            assert [claims.claim("/vm"), claims.claim("/vm")] == [UNREACHABLE] * 2
            assert not presence.hold()
        finally:
            postgres.start()
        assert claims.claim("/vm") is None
        assert presence.hold()


def test_name_and_vms_are_held_again_however_the_connection_came_back(
    postgres: Postgres, tmp_path: Path
) -> None:
    state = state_at(postgres.database(), tmp_path)
    with Presence(state, "one") as presence:
        claims = PostgresClaims(presence)
        assert claims.claim("/vm-1") is None
        postgres.stop(at_once=True)
        postgres.start()
        assert [claims.claim("/vm-2"), claims.claim("/vm-2")] == [UNREACHABLE, None]
        with Presence(state, "two") as other:
            assert not other.is_dead("one")
            assert PostgresClaims(other).claim("/vm-1") == "another worker"
            assert other.is_dead("three")


def test_a_vm_that_was_held_again_after_an_outage_is_given_back_whole(
    postgres: Postgres, tmp_path: Path
) -> None:
    state = state_at(postgres.database(), tmp_path)
    with Presence(state, "one") as presence, Presence(state, "two") as other:
        claims = PostgresClaims(presence)
        assert claims.claim("/vm") is None
        postgres.stop(at_once=True)
        postgres.start()
        assert not presence.hold()
        assert presence.hold()
        claims.renew()
        theirs = PostgresClaims(other)
        assert [theirs.claim("/vm"), theirs.claim("/vm")] == [UNREACHABLE, "another worker"]
        claims.release("/vm")
        assert theirs.claim("/vm") is None


TWICE = """
import asyncio, sys
from pathlib import Path
from dbos import DBOS
from remediator.engine.durable import Engine
from remediator.record.state import state_at

folder = Path(sys.argv[1])
seen = []

async def body(run_id, ledger, payload):
    async def do():
        return [{"by": ledger.process}]
    seen.append(((await ledger.once("only", do))[0]["by"], ledger.process))
    if len(seen) == 1:
        await asyncio.sleep(60)
    return {}

async def main():
    async with Engine(state_at(str(folder), folder), body, executor="run-1") as engine:
        await engine.start("run-1", {})
        while not seen:
            await asyncio.sleep(0.01)
        await DBOS.resume_workflow_async("run-1")
        await engine.result("run-1")
        (first, own), (again, other) = seen
        print(first == own == again != other)

asyncio.run(main())
"""


def test_an_execution_knows_that_another_one_of_the_same_process_came_before(
    tmp_path: Path,
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", TWICE, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stdout.strip() == "True", ended.stderr


def test_an_empty_key_signs_nothing(tmp_path: Path) -> None:
    (tmp_path / "state.key").touch()
    with pytest.raises(BadInputError, match="not a key of this tool"):
        signing_key(tmp_path)


def test_only_its_owner_can_read_the_state(tmp_path: Path) -> None:
    work(tmp_path / "state", "run-1", "on")
    modes = {p.name: oct(p.stat().st_mode & 0o777) for p in (tmp_path / "state").iterdir()}
    assert modes["state.sqlite"] == modes["state.key"] == modes["state.lock"] == "0o600"
    assert oct((tmp_path / "state").stat().st_mode & 0o777) == "0o700"


class Bad:
    """An object that runs a command when it is read as pickle."""

    def __init__(self, command: str) -> None:
        self._command = command

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (self._command,)


@pytest.mark.parametrize("form", ["py_pickle", "remediate_signed_json", "portable_json"])
def test_a_row_that_somebody_else_wrote_is_refused_and_runs_nothing(
    said: str, tmp_path: Path, form: str
) -> None:
    work(tmp_path, "run-1", "1", said)
    bad = pickle.dumps(Bad(f"touch {tmp_path / 'pwned'}"))
    forms = {
        "py_pickle": base64.b64encode(bad).decode(),
        "portable_json": json.dumps({"positionalArgs": [{"stages": 1}], "namedArgs": {}}),
        "remediate_signed_json": "0 " + json.dumps({"args": [{"stages": 1}], "kwargs": {}}),
    }
    text = forms[form]
    if said.startswith("postgresql"):
        with psycopg.connect(said) as server:
            _tamper(server, PLACES_OF_POSTGRESQL, text, form)
    else:
        with sqlite3.connect(tmp_path / "state.sqlite") as file:
            _tamper(file, PLACES_OF_SQLITE, text, form)
    ended = work(tmp_path, "run-1", "on", said)
    assert ended.code != 0
    assert not (tmp_path / "pwned").exists()
    assert log(tmp_path) == [0, 1]


PLACES_OF_SQLITE = (
    "select t.name, c.name from sqlite_master t, pragma_table_info(t.name) c where t.type = 'table'"
)
PLACES_OF_POSTGRESQL = (
    "select 'dbos.' || table_name, column_name from information_schema.columns "
    "where table_schema = 'dbos'"
)


def _tamper(database: Any, places: str, text: str, form: str) -> None:
    """Write another input over every stored one. The database asks for no signature."""
    columns = set(database.execute(places).fetchall())
    changed = 0
    for table, column in sorted(columns):
        if column in ("inputs", "input"):
            changed += database.execute(f"update {table} set {column} = '{_quoted(text)}'").rowcount  # noqa: S608
            if (table, "serialization") in columns:
                database.execute(f"update {table} set serialization = '{form}'")  # noqa: S608
    assert changed


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def test_a_second_process_is_told_that_the_state_is_in_use(tmp_path: Path) -> None:
    arguments = [str(tmp_path), "run-1", "stay", str(tmp_path)]
    with Path(os.devnull).open("r+b") as nothing:
        streams = (nothing, nothing, nothing)
        first = start("tests.engine.worker", arguments, streams, dict(os.environ), ROOT)
    try:
        until((tmp_path / "log").exists, "the first stage")
        second = work(tmp_path, "run-2", "on")
        assert "another run uses" in second.err
    finally:
        first.kill()
        first.wait()


@pytest.mark.parametrize("said", ["mysql://x/y", "sqlite://", "http://x"])
def test_an_invalid_state_is_refused(said: str, tmp_path: Path) -> None:
    with pytest.raises(BadInputError):
        state_at(said, tmp_path)


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    state = state_at("postgresql://me:secret@db/runs", tmp_path)
    assert "secret" not in state.shown
    assert state.shown == "postgresql://db/runs"


def test_there_is_no_history_without_a_state(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="no runs"):
        History(state_at(str(tmp_path), tmp_path))


def test_nothing_but_a_run_loads_the_engine() -> None:
    told: Any = subprocess.run(
        [
            sys.executable,
            "-c",
            (
                "import sys, remediator.cli.app, remediator.plan.planning; "
                "print('dbos' in sys.modules)"
            ),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert told == "False"


def test_a_file_of_another_name_is_a_state_as_well(tmp_path: Path) -> None:
    state = state_at(f"sqlite:///{tmp_path}/mine.db", tmp_path)
    assert state.shown == str(tmp_path / "mine.db")
    assert work(tmp_path, "run-1", "on", f"sqlite:///{tmp_path}/mine.db").code == 0
    history = History(state)
    runs = history.runs()
    history.close()
    assert [run.run_id for run in runs] == ["run-1"]
