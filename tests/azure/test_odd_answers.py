"""Answers that Azure should never send: each is one error line, never an absence, never a crash.

A proxy makes them from the simulator's good answers. The tests judge by exit codes, by the requests
that were sent, and by what is left in the cloud.
"""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.ailing import AGENT_CERTIFICATE
from tests.altered import with_header
from tests.between import Asked, Between, Rule, Told
from tests.command import SPEED, Ended, environment, remediate
from tests.evidence import results, scenario

Odd = Callable[[Told], Told]

VM = re.compile(r"^[^?]*/virtualMachines/web\?", re.IGNORECASE)
LOCKS = re.compile(r"^[^?]*/locks\?", re.IGNORECASE)
GONE = {"exists": False, "history": [{"at": "3h ago", "code": "ResourceNotFound"}]}


def status(code: int, body: Any = None) -> Odd:
    def made(told: Told) -> Told:
        return replace(told if body is None else told.saying(body), status=code)

    return made


def content(raw: bytes) -> Odd:
    return lambda told: replace(told, content=raw)


def linking(link: Any) -> Odd:
    return lambda told: told.saying((told.json() or {}) | {"nextLink": link})


def challenged(said: str) -> Odd:
    return lambda told: with_header(replace(told, status=401), "WWW-Authenticate", said)


def waiting(said: str) -> Odd:
    return lambda told: with_header(replace(told, status=503), "Retry-After", said)


def bomb(told: Told) -> Told:
    packed = gzip.compress(b'{"value": [' + b" " * (300 << 20) + b"]}", 1)
    return with_header(replace(told, content=packed), "Content-Encoding", "gzip")


ERROR = {"code": "Odd", "message": {"lang": "en", "value": "text"}, "details": 5}

ODD: dict[str, Odd] = {
    "a wait that is no time": waiting("soon"),
    "a wait that is not finite": waiting("nan"),
    "packed, but not so": lambda told: with_header(told, "Content-Encoding", "gzip"),
    "not UTF-8": content(b'{"value": [], "name": "\xff"}'),
    "nested too deep": content(b'{"value": ' + b"[" * 100_000),
    "nested deep": content(b'{"a":' * 500 + b"1" + b"}" * 500),
    "a number that is none": content(b'{"value": [], "a": NaN}'),
    "a number that is infinite": content(b'{"value": [], "a": 1e999}'),
    "a number without end": content(b'{"value": [], "a": ' + b"9" * 5000 + b"}"),
    "nothing": content(b""),
    "a page for people": content(b"<html>Sign in</html>"),
    "a list": content(b"[]"),
    "an error whose message is an object": status(400, {"error": ERROR}),
    "an error that is a number": status(400, {"error": 5}),
    "an error that is a list": status(409, []),
    "a challenge that is junk": challenged('Bearer error="insufficient_claims", claims="%%%"'),
    "a challenge without an end": challenged('Bearer error="insufficient_claims, claims="a'),
    "a challenge of bytes": challenged('Bearer error="insufficient_claims", claims="//79"'),
    "a bomb": bomb,
    "202": status(202),
    "203": status(203),
    "204": lambda told: replace(told, status=204, content=b""),
    "206": status(206),
    "a 404 of nobody": status(404, {"statusCode": 404, "message": "Resource not found"}),
    "a 404 of a gateway": status(404, {"error": {"code": "RouteNotFound", "message": "no"}}),
    "a 404 without a word": lambda told: replace(told, status=404, content=b""),
    "a 404 for people": lambda told: replace(told, status=404, content=b"<html>no</html>"),
    "an empty 404 of Compute": status(404, {}),
}

IN_LISTS: dict[str, Odd] = {
    "a link that is a number": linking(5),
    "a link that is an object": linking({"href": "x"}),
    "rows that are no objects": lambda told: told.saying({"value": [1, None]}),
    "no rows": lambda told: told.saying({}),
    "rows that are an object": lambda told: told.saying({"value": {}}),
}


def to(which: re.Pattern[str], odd: Odd) -> Rule:
    """A rule that makes each answer to some reads odd."""

    def rule(asked: Asked, told: Told) -> Told:
        return odd(told) if asked.method == "GET" and which.search(asked.path) else told

    return rule


@pytest.fixture(scope="module")
def azure() -> Iterator[SimulatorProcess]:
    with SimulatorProcess("limit-reached", time="fast", speed=SPEED) as found:
        yield found


@pytest.fixture
def middle(azure: SimulatorProcess) -> Iterator[Between]:
    azure.reload("limit-reached")
    with Between(azure) as found:
        yield found


def through(middle: Between, azure: SimulatorProcess, state: Path, *options: str) -> Ended:
    job = azure.failed_jobs("web")[-1]
    env = environment(azure, state) | {"REMEDIATE_ARM_ENDPOINT": middle.url}
    return remediate("--job-id", job, *options, env=env)


def told(ended: Ended) -> str:
    return " ".join((ended.out + ended.err).split())


@pytest.mark.parametrize("name", [*ODD, *IN_LISTS])
def test_a_list_that_cannot_be_read_is_unknown_and_holds_everything(
    name: str, azure: SimulatorProcess, middle: Between, tmp_path: Path
) -> None:
    middle.rules = [to(LOCKS, (ODD | IN_LISTS)[name])]
    ended = through(middle, azure, tmp_path, "--yes").check(3)
    assert azure.writes() == []
    assert "backup_lock is unknown: " in told(ended)


@pytest.mark.parametrize("name", ODD)
def test_a_vm_that_lives_is_not_believed_to_be_gone(name: str, tmp_path: Path) -> None:
    living = {"history": GONE["history"]}
    with (
        SimulatorProcess(scenario(tmp_path, living), time="fast", speed=SPEED) as azure,
        Between(azure) as middle,
    ):
        middle.rules = [to(VM, ODD[name])]
        ended = through(middle, azure, tmp_path, "--yes", "--allow", "protection")
        ended.check(3)
        assert azure.writes() == []


def test_a_vm_that_is_gone_is_believed_to_be_gone(tmp_path: Path) -> None:
    with (
        SimulatorProcess(scenario(tmp_path, GONE), time="fast", speed=SPEED) as azure,
        Between(azure) as middle,
    ):
        through(middle, azure, tmp_path, "--yes", "--allow", "protection")
        assert [w["method"] for w in azure.writes()] == ["PUT"]


@pytest.mark.parametrize("name", ODD)
def test_one_odd_answer_after_the_vm_was_switched_off_does_not_leave_it_off(
    name: str, tmp_path: Path
) -> None:
    off, odd = False, 0

    def rule(asked: Asked, told: Told) -> Told:
        nonlocal off, odd
        if asked.method == "POST" and asked.path.split("?")[0].endswith("/deallocate"):
            off = True
        elif off and asked.method == "GET" and not odd:
            odd += 1
            return ODD[name](told)
        return told

    with (
        SimulatorProcess(scenario(tmp_path, AGENT_CERTIFICATE), time="fast", speed=SPEED) as azure,
        Between(azure) as middle,
    ):
        middle.rules = [rule]
        ended = through(middle, azure, tmp_path, "--yes", "--allow", "downtime")
        assert odd == 1
        assert "Traceback" not in told(ended)
        assert ended.code in (0, 3), told(ended)
        azure.advance(3600)
        (vm,) = azure.state()["vms"]
        assert vm["power"] == "running"
        assert "applied" in results(tmp_path)


ANSWERED: dict[str, Odd] = {
    name: ODD[name]
    for name in (
        "packed, but not so",
        "not UTF-8",
        "nested too deep",
        "a page for people",
        "an error whose message is an object",
        "an error that is a list",
        "a challenge that is junk",
        "a wait that is no time",
        "a bomb",
    )
}


@pytest.mark.parametrize("name", ANSWERED)
def test_what_became_of_a_change_with_an_odd_answer_is_looked_for(
    name: str, azure: SimulatorProcess, middle: Between, tmp_path: Path
) -> None:
    def rule(asked: Asked, told: Told) -> Told:
        return ANSWERED[name](told) if asked.method == "DELETE" else told

    middle.rules = [rule]
    ended = through(middle, azure, tmp_path, "--yes", "--timeout", "20s")
    assert "Traceback" not in told(ended)
    assert ended.code in (0, 3, 4), told(ended)
    gone = [lock["id"] for lock in azure.state()["locks"] if lock["deleted"]]
    known = [e for path in tmp_path.glob("runs/*.jsonl") for e in path.read_text().splitlines()]
    assert all(any(lock.lower() in e.lower() for e in known) for lock in gone)


def test_a_list_that_leads_back_to_itself_ends_at_once(
    azure: SimulatorProcess, middle: Between, tmp_path: Path
) -> None:
    asked_for = 0

    def rule(asked: Asked, told: Told) -> Told:
        nonlocal asked_for
        if asked.method != "GET" or not LOCKS.search(asked.path):
            return told
        asked_for += 1
        return linking(middle.url + asked.path)(told)

    middle.rules = [rule]
    ended = through(middle, azure, tmp_path, "--dry-run").check(3)
    assert "is a page that was read before" in told(ended)
    assert asked_for == 1


def test_a_list_without_end_is_not_kept_in_memory_without_end(
    azure: SimulatorProcess, middle: Between, tmp_path: Path
) -> None:
    asked_for = 0

    def rule(asked: Asked, told: Told) -> Told:
        nonlocal asked_for
        if asked.method != "GET" or not LOCKS.search(asked.path):
            return told
        asked_for += 1
        more = told.saying({"value": [{}] * 100_001})
        return linking(f"{middle.url}{asked.path}&page={asked_for}")(more)

    middle.rules = [rule]
    ended = through(middle, azure, tmp_path, "--dry-run").check(3)
    assert "has more than 200000 rows" in told(ended)
    assert asked_for == 2


@pytest.mark.parametrize("spelt", ["HTTP://{host}:{port}", "http://{upper}:{port}"])
def test_the_own_host_may_be_spelt_otherwise(
    spelt: str, azure: SimulatorProcess, middle: Between, tmp_path: Path
) -> None:
    port = middle.url.rsplit(":", 1)[1]
    base = spelt.format(host="localhost", upper="LocalHost", port=port)
    linked = 0

    def rule(asked: Asked, told: Told) -> Told:
        nonlocal linked
        if asked.method != "GET" or not LOCKS.search(asked.path):
            return told
        linked += 1
        return linking(f"{base}{asked.path}&again={linked}" if linked == 1 else "")(told)

    middle.rules = [rule]
    middle.url = f"http://localhost:{port}"
    through(middle, azure, tmp_path, "--dry-run").check(0)
    assert linked == 2


def test_half_a_character_in_a_name_can_be_shown_and_kept(
    azure: SimulatorProcess, middle: Between, tmp_path: Path
) -> None:
    def rule(asked: Asked, told: Told) -> Told:
        if asked.method != "GET" or "backupjobs" not in asked.path.lower():
            return told
        return replace(
            told, content=told.content.replace(b'"errorString": "', b'"errorString": "\\ud800')
        )

    middle.rules = [rule]
    out = tmp_path / "plan.json"
    through(middle, azure, tmp_path, "--dry-run", "--format", "json", "--output", str(out)).check(0)
    assert "\ufffd" in json.loads(out.read_text("utf-8"))["failure"]["message"]


@pytest.mark.parametrize("where", ["message", "code", "correlation id", "row"])
def test_the_own_token_is_masked_wherever_a_gateway_echoes_it(
    where: str, azure: SimulatorProcess, middle: Between, tmp_path: Path
) -> None:
    token = azure.token

    def rule(asked: Asked, told: Told) -> Told:
        if asked.method != "GET" or not LOCKS.search(asked.path):
            return told
        if where == "row":
            body = told.json()
            for row in body["value"]:
                row["properties"]["notes"] = f"seen {token[5:]} {token}"
            return told.saying(body)
        error = {"code": "Echo", "message": "no"}
        if where == "correlation id":
            told = with_header(told, "x-ms-correlation-request-id", token)
        else:
            error[where] = f"x{token}"
        return replace(told.saying({"error": error}), status=403)

    middle.rules = [rule]
    ended = through(middle, azure, tmp_path, "--yes", "--format", "json", "--debug")
    files = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    seen = (ended.out + ended.err).encode() + files
    assert token.encode() not in seen
    if where != "row":
        assert b"***" in seen


def test_an_opaque_token_is_masked_by_its_value() -> None:
    from remediator.redaction import hold, redacted

    hold("an+opaque/token=of~no.shape")
    said = "sent an+opaque/token=of~no.shape, an%2Bopaque%2Ftoken%3Dof~no.shape"
    assert redacted(said) == "sent ***, ***"
    assert redacted("an+opaque") == "an+opaque"
