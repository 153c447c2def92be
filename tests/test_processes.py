"""A forked process looks the same to its command as a fresh one. If in doubt, none is forked."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile
from urllib.parse import urlsplit

import pytest

from remediator.simulator.process import Process, SimulatorProcess
from tests.command import STEP, Ended, environment, remediate
from tests.places import ROOT
from tests.processes import Forked, start

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nothing is forked elsewhere")

PROBE = """
import __main__, json, os, signal, sys, threading
streams = (sys.stdin, sys.stdout, sys.stderr)
seen = {
    "arguments": sys.argv,
    "environment": dict(os.environ),
    "folders": [os.getcwd(), sys.path[0]],
    "files": sorted(map(int, os.listdir("/proc/self/fd")))[:-1],
    "main": [__main__.__name__, __main__.__package__, __main__.__file__],
    "modes": [[s.encoding, s.errors, s.line_buffering, s.isatty()] for s in streams],
    "read": sys.stdin.read(),
    "signals": {n.name: str(signal.getsignal(n)).split(" at ")[0] for n in signal.Signals},
    "threads": threading.active_count(),
    "waker": signal.set_wakeup_fd(-1),
}
print(json.dumps(seen))
print("told", file=sys.stderr)
sys.exit(300)
"""


def both(module: str, *arguments: str, cwd: Path, env: dict[str, str]) -> list[Ended]:
    """Run the same twice: forked, and as a fresh process."""
    ended = []
    for forked in (True, False):
        with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
            given.write("märz\n".encode())
            given.seek(0)
            streams = (given, out, err)
            process: Process
            if forked:
                process = start(module, list(arguments), streams, env, cwd)
                assert isinstance(process, Forked)
            else:
                fresh = [sys.executable, "-m", module, *arguments]
                process = subprocess.Popen(
                    fresh, env=env, cwd=cwd, stdin=given, stdout=out, stderr=err
                )
            code = process.wait(60)
            out.seek(0)
            err.seek(0)
            ended.append(Ended(code, out.read().decode(), err.read().decode()))
    return ended


def here(**more: str) -> dict[str, str]:
    return dict(os.environ) | more


def test_a_command_sees_no_difference(tmp_path: Path) -> None:
    (tmp_path / "probe.py").write_text(PROBE, encoding="utf-8")
    env = here(AZURE_TENANT_ID="ü", COLUMNS="77")
    forked, fresh = both("probe", "--job-id", "ä b", "", cwd=tmp_path, env=env)
    assert forked.code == fresh.code == 300 % 256
    assert forked.json() == fresh.json()
    assert forked.json()["environment"]["COLUMNS"] == "77"
    assert forked.err == fresh.err == "told\n"


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["run", "--help"], ["--version"], ["run", "--nope"], []],
    ids=" ".join,
)
def test_remediate_prints_the_same(arguments: list[str], tmp_path: Path) -> None:
    forked, fresh = both("remediator", *arguments, cwd=tmp_path, env=here(COLUMNS="90"))
    assert forked == fresh


@pytest.mark.parametrize(
    "body",
    [
        "import sys; sys.exit('a text')",
        "import sys; sys.exit()",
        "import os; os._exit(9)",
        "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
        "import atexit; print('a', end=''); atexit.register(print, 'b')",
        "import threading, time\nthreading.Timer(0.05, print, ['late']).start()",
        "import os; print('nobody reads this'); os.close(1)",
        "class Left:\n def __del__(self): print('left open')\nleft = Left(); left.itself = left",
    ],
)
def test_it_ends_the_same_way(body: str, tmp_path: Path) -> None:
    (tmp_path / "probe.py").write_text(body, encoding="utf-8")
    forked, fresh = both("probe", cwd=tmp_path, env=here())
    assert forked == fresh


def test_a_run_sends_the_same(tmp_path: Path) -> None:
    sent = []
    for forked in (True, False):
        with SimulatorProcess("limit-reached", time="stepped", step=STEP) as azure:
            env = environment(azure, tmp_path / str(forked))
            given = env if forked else env | {"ANOTHER": "variable"}
            job = azure.failed_jobs("web")[-1]
            remediate("--job-id", job, "--yes", env=given, cwd=tmp_path).check(0)
            sent.append(sorted((r["method"], urlsplit(r["url"]).path) for r in azure.requests()))
    assert sent[0] == sent[1]


def test_a_variable_that_may_have_been_read_already_calls_for_a_fresh_process(
    tmp_path: Path,
) -> None:
    with TemporaryFile() as file:
        for more in ({"PYTHONUTF8": "0"}, {"FORCE_COLOR": "1"}, {"LC_ALL": "C"}):
            process = start("remediator", ["--version"], (file,) * 3, here(**more), tmp_path)
            assert isinstance(process, subprocess.Popen)
            assert process.wait() == 0


def test_it_can_be_stopped(tmp_path: Path) -> None:
    (tmp_path / "probe.py").write_text("import signal; signal.pause()", encoding="utf-8")
    with TemporaryFile() as file:
        process = start("probe", [], (file,) * 3, here(), tmp_path)
        assert process.poll() is None
        process.kill()
        assert process.wait(10) == -signal.SIGKILL


def test_signals_are_heard_where_the_tests_were_started_in_the_background() -> None:
    """`nohup make test &` ignores SIGINT and SIGHUP, and every process inherits that."""
    asked = (
        "import signal, tests.processes; "
        "print(signal.SIG_IGN not in map(signal.getsignal, (signal.SIGINT, signal.SIGHUP)))"
    )

    def ignore() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    told = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=ignore,
    )
    assert told.stdout.strip() == "True"
