"""ARM's buckets: each subscription has its own, and they refuse only if they are asked to."""

import pytest

from .client import COMPUTE, LOCKS, RESOURCES, Answer, Client
from .conftest import Play, Start

READS = "x-ms-ratelimit-remaining-subscription-reads"
TWO = """
subscriptions:
  one: 11111111-1111-1111-1111-111111111111
  two: 22222222-2222-2222-2222-222222222222
groups: [{name: rg-1, subscription: one}, {name: rg-2, subscription: two}]
"""


def _reads(client: Client, subscription: int, number: int) -> list[Answer]:
    scope = f"/subscriptions/{client.cloud.subscriptions[subscription]}/resourceGroups"
    return [client.get(scope, RESOURCES) for _ in range(number)]


def test_each_subscription_and_the_tenant_have_their_own_counts(play: Play) -> None:
    client = play(TWO)
    first = _reads(client, 0, 3)[0]
    assert first.headers[READS] == "249"
    [other] = _reads(client, 1, 1)
    assert other.headers[READS] == "249"
    assert other.headers["x-ms-ratelimit-remaining-subscription-global-reads"] == "3749"
    outside = client.get("/subscriptions", RESOURCES)
    assert outside.headers["x-ms-ratelimit-remaining-tenant-reads"] == "249"
    assert READS not in outside.headers


def test_kinds_of_requests_have_their_own_counts(start: Start) -> None:
    client = start("demo")
    lock = f"{client.group('rg-shop')}/providers/Microsoft.Authorization/locks/none"
    deleted = client.delete(lock, LOCKS)
    assert deleted.headers["x-ms-ratelimit-remaining-subscription-deletes"] == "199"
    begun = client.call("POST", f"{client.vm('web', 'rg-shop')}/reapply", COMPUTE)
    assert begun.headers["x-ms-ratelimit-remaining-subscription-writes"] == "199"


def test_an_empty_bucket_refuses_nothing_if_not_asked_to(play: Play) -> None:
    answers = _reads(play(TWO), 0, 300)
    assert {answer.status for answer in answers} == {200}


def test_an_empty_bucket_refuses_and_says_how_long_to_wait(play: Play) -> None:
    client = play(TWO, throttling=True)
    answers = _reads(client, 0, 600)
    refused = [answer for answer in answers if answer.status == 429]
    assert refused
    assert all(answer.status == 200 for answer in answers[:250])
    assert refused[0].code == "SubscriptionRequestsThrottled"
    assert refused[0].headers["retry-after"] == "1"
    assert READS not in refused[0].headers
    [other] = _reads(client, 1, 1)
    assert other.status == 200


@pytest.mark.parametrize("brief", [False, True])
def test_a_brief_log_keeps_no_bodies(play: Play, *, brief: bool) -> None:
    client = play(TWO, brief_log=brief)
    _reads(client, 0, 1)
    client.get("/subscriptions", RESOURCES)
    [entry, _] = client.cloud.requests()
    assert entry["method"] == "GET"
    assert entry["status"] == 200
    assert (entry["response"] is None) == brief
    assert (entry["response_headers"] == {}) == brief
    cost = client.cloud.cost()
    assert cost["requests"] == 2
    assert cost["cpu_seconds"] > 0


def test_a_bucket_fills_up_as_fast_as_the_simulated_time_runs(play: Play) -> None:
    client = play(TWO, time="fast", speed=3600, throttling=True)
    assert {answer.status for answer in _reads(client, 0, 600)} == {200}
