"""The man in the middle: without a rule, answers pass unaltered; a rule alters them."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.between import Asked, Between, Told

VERSION = "api-version=2024-10-01"


@pytest.fixture(scope="module")
def azure() -> Iterator[SimulatorProcess]:
    with SimulatorProcess("demo", time="stepped") as found:
        yield found


@pytest.fixture
def middle(azure: SimulatorProcess) -> Iterator[Between]:
    azure.reload("demo")
    with Between(azure) as found:
        yield found


def _ask(
    azure: SimulatorProcess, url: str, method: str = "GET", body: object = None
) -> http.client.HTTPResponse:
    request = urllib.request.Request(  # noqa: S310 - loopback
        url,
        method=method,
        data=json.dumps(body).encode() if body else None,
        headers={"Authorization": f"Bearer {azure.token}", "Content-Type": "application/json"},
    )
    found: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=30)  # noqa: S310
    return found


def _locks(azure: SimulatorProcess) -> str:
    return (
        f"/subscriptions/{azure.subscriptions[0]}/providers/Microsoft.Authorization/locks"
        "?api-version=2020-05-01"
    )


def test_an_answer_passes_as_it_is(azure: SimulatorProcess, middle: Between) -> None:
    with _ask(azure, azure.url + _locks(azure)) as straight:
        told = json.load(straight)
    with _ask(azure, middle.url + _locks(azure)) as passed:
        assert json.load(passed) == told
        assert passed.headers["Content-Type"] == straight.headers["Content-Type"]
        assert passed.headers["Date"] == straight.headers["Date"]
    assert told["value"]


def test_rules_alter_it_one_after_the_other(azure: SimulatorProcess, middle: Between) -> None:
    asked = []

    def emptied(what: Asked, told: Told) -> Told:
        asked.append(what)
        return told.saying({"value": []})

    def refused(_: Asked, told: Told) -> Told:
        assert told.json() == {"value": []}
        return replace(told, status=418, headers=(("X-Rule", "yes"),))

    middle.rules = [emptied, refused]
    with pytest.raises(urllib.error.HTTPError) as caught:
        _ask(azure, middle.url + _locks(azure))
    with caught.value as error:
        assert (error.code, error.headers["X-Rule"]) == (418, "yes")
        assert json.load(error) == {"value": []}
    assert asked == [Asked("GET", _locks(azure))]
    assert [r["status"] for r in azure.requests()] == [200]  # the simulator's own answer


def test_what_is_absent_or_refused_passes(azure: SimulatorProcess, middle: Between) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        _ask(azure, middle.url + "/subscriptions/none/providers/Microsoft.Authorization/locks")
    with caught.value as error:
        assert error.code in (400, 404)


def test_addresses_in_answers_lead_back_here(azure: SimulatorProcess, middle: Between) -> None:
    item = next(i["id"] for i in azure.state()["items"] if i["vm"] == "db")
    body = {"properties": {"objectType": "IaasVMBackupRequest"}}
    with _ask(azure, f"{middle.url}{item}/backup?{VERSION}", "POST", body) as accepted:
        address = accepted.headers["Azure-AsyncOperation"]
    assert address.startswith(middle.url)
    with _ask(azure, address) as status:
        assert json.load(status)["status"] == "InProgress"
    assert azure.writes()[0]["body"] == body


def test_a_connection_that_is_cut_is_cut_here(azure: SimulatorProcess, middle: Between) -> None:
    azure.fault("cut-before", method="GET")
    with pytest.raises(ConnectionError):
        _ask(azure, middle.url + _locks(azure))
