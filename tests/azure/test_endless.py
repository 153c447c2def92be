"""A command always ends, even if an answer asks for a long wait or arrives very slowly."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Self

import pytest
from azure.core.credentials import AccessToken

from remediator.azure import clouds, credentials, retry, transport
from remediator.azure.clouds import Cloud
from remediator.azure.credentials import SharedCredential
from remediator.azure.ratelimit import Bucket
from remediator.azure.retry import retry_after
from remediator.azure.session import find_cloud, open_session
from remediator.errors import AzureError
from remediator.patience import Patience
from remediator.reading import Api, Query
from remediator.simulator.process import SimulatorProcess
from tests.altered import with_header
from tests.azure.hurried import hurried
from tests.between import Asked, Between, Told
from tests.command import SPEED, environment, remediate
from tests.cut_short import put_back_books
from tests.evidence import FULL, locks, scenario

ENDS_WITHIN = 60.0
"""Real seconds that a command may take here, on a busy machine."""


def asking_to_wait(said: str) -> Callable[[Told], Told]:
    def made(told: Told) -> Told:
        body = {"error": {"code": "TooManyRequests", "message": "slow down"}}
        return with_header(replace(told.saying(body), status=429), "Retry-After", said)

    return made


WAITS = {
    "ten days": "864000",
    "a thousand million seconds": "1e9",
    "a far date": "Fri, 31 Dec 9998 23:59:59 GMT",
    "a date in ten days": format_datetime(datetime.now(UTC) + timedelta(days=10), usegmt=True),
    "twice": "864000, 864000",
}


@pytest.mark.parametrize("name", WAITS)
def test_a_dry_run_does_not_wait_in_silence_for_days(name: str, tmp_path: Path) -> None:
    def rule(asked: Asked, told: Told) -> Told:
        return asking_to_wait(WAITS[name])(told) if "/locks?" in asked.path else told

    with SimulatorProcess("limit-reached") as azure, Between(azure) as middle:
        middle.rules = [rule]
        env = environment(azure, tmp_path) | {"REMEDIATE_ARM_ENDPOINT": middle.url}
        began = time.monotonic()
        job = azure.failed_jobs("web")[-1]
        ended = remediate("--job-id", job, "--dry-run", env=env).check(3)
        assert time.monotonic() - began < ENDS_WITHIN
        told = " ".join(ended.out.split())
        if name != "a far date":
            assert "throttled until 20" in told
        assert azure.writes() == []


@pytest.mark.parametrize("jobs", [1, 2], ids=["one job", "two jobs"])
def test_a_planning_has_the_time_that_was_given_and_no_more(jobs: int, tmp_path: Path) -> None:
    """Azure asks for a wait that one request would accept, but that is longer than `--timeout`."""

    def rule(asked: Asked, told: Told) -> Told:
        return asking_to_wait("100")(told) if "/locks?" in asked.path else told

    with SimulatorProcess("limit-reached") as azure, Between(azure) as middle:
        middle.rules = [rule]
        env = environment(azure, tmp_path) | {"REMEDIATE_ARM_ENDPOINT": middle.url}
        which = [word for job in azure.failed_jobs("web")[-jobs:] for word in ("--job-id", job)]
        began = time.monotonic()
        ended = remediate(*which, "--dry-run", "--timeout", "5s", env=env)
        assert time.monotonic() - began < ENDS_WITHIN
        assert ended.code == 3, ended.out + ended.err
        assert "throttled until 20" in " ".join(ended.out.split())
        assert azure.writes() == []


def test_a_lock_goes_back_while_reads_of_the_job_are_throttled(tmp_path: Path) -> None:
    """The backup was triggered. Then Azure asks for a wait of ten days before its job is read."""
    triggered = False

    def rule(asked: Asked, told: Told) -> Told:
        nonlocal triggered
        triggered = triggered or (asked.method == "POST" and "/backup?" in asked.path)
        read = asked.method == "GET" and "/backupjobs" in asked.path.lower()
        return asking_to_wait("864000")(told) if triggered and read else told

    path = scenario(
        tmp_path,
        {"collection": FULL, "scheduled_backup": "3h ago"},
        locks=[{"name": "keep", "scope": "group:AzureBackupRG_westeurope_1"}],
    )
    books = put_back_books(tmp_path)
    with SimulatorProcess(path, time="fast", speed=SPEED) as azure, Between(azure) as middle:
        middle.rules = [rule]
        env = environment(azure, tmp_path) | {"REMEDIATE_ARM_ENDPOINT": middle.url}
        job = azure.failed_jobs("web")[-1]
        began = time.monotonic()
        ended = remediate("--job-id", job, "--yes", "--timeout", "6s", *books, env=env)
        assert time.monotonic() - began < ENDS_WITHIN
        assert triggered
        assert ended.code == 3, ended.err
        assert [w["method"] for w in azure.writes()] == ["DELETE", "POST", "PUT"]
        assert locks(azure) == ["keep"]


SAID = {
    "17": 17.0,
    " 17 ": 17.0,
    "1.5": 1.5,
    "17, 17": 17.0,
    "3, 17": 17.0,
    "864000": 864000.0,
    "1e12": 366 * 86400.0,
    "0": None,
    "-5": None,
    "nan": None,
    "inf": None,
    "-inf": None,
    "soon": None,
    "": None,
    ",": None,
    "Sun, 06 Nov 1994 08:49:37 GMT": None,
    "Fri, 31 Dec 9999 23:59:59 -1400": None,
    "Sat, 28 Nov 2026 10:00:30 GMT": 30.0,
    "Sat, 28 Nov 2026 10:00:30": 30.0,
    "Sat, 99 Nov 2026 10:00:30 GMT": None,
    "9" * 5000: None,
}


@pytest.mark.parametrize("said", SAID, ids=[said[:30] or "nothing" for said in SAID])
def test_what_azure_asks_to_wait_is_read_leniently_and_within_bounds(said: str) -> None:
    """A date counts from the answer's own date, so a wrong clock on this machine does no harm."""
    headers = {"Retry-After": said, "Date": "Sat, 28 Nov 2026 10:00:00 GMT"}
    assert retry_after(headers) == SAID[said]


def test_a_wait_in_milliseconds_is_read_where_no_other_is_said() -> None:
    assert retry_after({"x-ms-retry-after-ms": "2500"}) == 2.5
    assert retry_after({"Retry-After": "9", "retry-after-ms": "2500"}) == 9.0
    assert retry_after({"retry-after-ms": "soon"}) is None


def test_a_pause_is_bounded_and_short_while_something_is_off() -> None:
    async def pause(*, puts_back: bool) -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        patience = Patience(poll=1, timeout=7200)
        with patience.bounding(puts_back=puts_back):
            await patience.pause(864000)
        return loop.time() - began

    assert 295 < hurried(pause(puts_back=False)) < 305
    assert 14 < hurried(pause(puts_back=True)) < 16


Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def never(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await writer.wait_closed()


async def dribbled(head: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(head)
    while not writer.is_closing():
        writer.write(b" ")
        await asyncio.sleep(0.02)


async def dribbling(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await dribbled(b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n", writer)


async def dribbling_headers(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await dribbled(b"HTTP/1.1 200 OK\r\nX-Long: ", writer)


async def chunks_without_end(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"1\r\n \r\n")
        await asyncio.sleep(0.02)


@asynccontextmanager
async def serving(answer: Answering) -> AsyncIterator[str]:
    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@pytest.mark.parametrize(
    "answer", [never, dribbling, dribbling_headers, chunks_without_end], ids=lambda a: a.__name__
)
def test_a_request_ends_however_slowly_it_is_answered(
    answer: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "ANSWER_WITHIN", 0.3)
    monkeypatch.setattr(retry, "CALL_WITHIN", 0.1)
    monkeypatch.setenv("AZURE_ACCESS_TOKEN", "x" * 40)

    async def ask() -> float:
        async with serving(answer) as url:
            cloud = Cloud("custom", url, f"{url}/.default", url, well_known=False)
            async with open_session(cloud, "token") as session:
                began = time.monotonic()
                with pytest.raises(AzureError, match="no whole answer within") as raised:
                    await session.reader.get(Query(api=Api.COMPUTE, path="/subscriptions/x"))
                assert raised.value.transient
                return time.monotonic() - began

    assert asyncio.run(ask()) < 10


def test_a_connection_that_is_never_made_ends_and_has_changed_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A full queue drops the packets of the next client, as a firewall does."""
    monkeypatch.setattr(transport, "CONNECT_WITHIN", 0.2)
    monkeypatch.setattr(retry, "CALL_WITHIN", 0.1)
    monkeypatch.setenv("AZURE_ACCESS_TOKEN", "x" * 40)

    async def ask(url: str) -> AzureError:
        cloud = Cloud("custom", url, f"{url}/.default", url, well_known=False)
        async with open_session(cloud, "token") as session:
            with pytest.raises(AzureError) as raised:
                await session.reader.get(Query(api=Api.COMPUTE, path="/subscriptions/x"))
            return raised.value

    with socket.socket() as full, ExitStack() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):
            caller = waiting.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(full.getsockname())
        began = time.monotonic()
        error = asyncio.run(ask(f"http://127.0.0.1:{full.getsockname()[1]}"))
    assert time.monotonic() - began < 10
    assert (error.code, error.arrived) == ("ConnectionFailed", False)


def test_a_look_takes_no_longer_than_the_time_that_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LOOK_WITHIN", 0.2)
    monkeypatch.setenv("AZURE_ACCESS_TOKEN", "x" * 40)

    async def ask() -> float:
        async with serving(never) as url:
            cloud = Cloud("custom", url, f"{url}/.default", url, well_known=False)
            async with open_session(cloud, "token") as session:
                began = time.monotonic()
                with Patience(poll=1, timeout=0.5).bounding(), pytest.raises(AzureError):
                    await session.reader.get(Query(api=Api.COMPUTE, path="/subscriptions/x"))
                return time.monotonic() - began

    assert asyncio.run(ask()) < 10


def throttled_bucket(asked: str) -> Bucket:
    bucket = Bucket(250, 25)
    bucket.observe(429, {"Retry-After": asked}, "reads")
    return bucket


def test_a_wait_of_days_fails_every_request_at_once_until_it_is_time_to_look_again() -> None:
    async def ask() -> float:
        bucket, loop = throttled_bucket("864000"), asyncio.get_running_loop()
        began = loop.time()
        for _ in range(30):
            with pytest.raises(AzureError, match="throttled until") as raised:
                await bucket.take("GET /x")
            assert raised.value.status == 429
            assert raised.value.arrived is False
        at_once = loop.time() - began
        await asyncio.sleep(retry.LONGEST_WAIT)
        await bucket.take()
        return at_once

    assert hurried(ask()) < 5


def test_a_change_that_puts_back_does_not_wait_while_all_others_are_held() -> None:
    async def ask() -> float:
        bucket, loop = throttled_bucket("100"), asyncio.get_running_loop()
        held = asyncio.ensure_future(bucket.take())
        await asyncio.sleep(0)
        began = loop.time()
        with Patience(poll=1, timeout=60).bounding(puts_back=True):
            await bucket.take()
        at_once = loop.time() - began
        assert not held.done()
        await held
        assert loop.time() - began > 90
        return at_once

    assert hurried(ask()) < 5


def test_nobody_waits_for_a_hold_that_outlasts_the_time_that_is_left() -> None:
    async def ask() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        with (
            Patience(poll=1, timeout=8).bounding(),
            pytest.raises(AzureError, match="throttled until"),
        ):
            await throttled_bucket("30").take()
        return loop.time() - began

    assert hurried(ask()) < 5


def test_an_endpoint_that_never_ends_its_answer_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clouds, "DISCOVERY_TIMEOUT", 0.3)

    async def ask() -> float:
        async with serving(dribbling) as url:
            began = time.monotonic()
            with pytest.raises(AzureError, match="cannot reach"):
                await asyncio.to_thread(find_cloud, None, url, "cli")
            return time.monotonic() - began

    assert asyncio.run(ask()) < 10


def test_a_sign_in_that_never_ends_fails_for_all_who_wait_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(credentials, "SIGN_IN_WITHIN", 0.3)

    class Endless:
        async def get_token(self, *_: str, **__: object) -> AccessToken:
            await asyncio.Event().wait()
            raise AssertionError

        async def close(self) -> None: ...

        async def __aenter__(self) -> Self:
            return self

        async def __aexit__(self, *_: object) -> None: ...

    async def ask() -> float:
        shared, began = SharedCredential(Endless()), time.monotonic()
        asked = (shared.get_token("scope") for _ in range(50))
        failed = await asyncio.gather(*asked, return_exceptions=True)
        assert {getattr(each, "code", each) for each in failed} == {"AuthenticationFailed"}
        return time.monotonic() - began

    assert asyncio.run(ask()) < 5
