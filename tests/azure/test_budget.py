"""The budget of requests: whose turn it is when few remain, and which headers are believed."""

import asyncio

import pytest

from remediator.azure.ratelimit import Bucket, Budget
from remediator.patience import Patience
from tests.azure.hurried import hurried

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
VM = (
    f"/subscriptions/{SUBSCRIPTION}/resourcegroups/rg/providers/microsoft.compute"
    "/virtualmachines/web"
)

LEFT = "x-ms-ratelimit-remaining-subscription-resource-requests"


async def _order(*, fixing: bool) -> float:
    """Seconds until a diagnosis has taken 240 of 250 tokens."""
    bucket, loop = Bucket(250, 25), asyncio.get_running_loop()
    if fixing:
        await bucket.take()
    began = loop.time()
    with Patience(poll=1, timeout=3600).bounding(can_wait=True):
        for _ in range(240):
            await bucket.take()
    return loop.time() - began


def test_a_diagnosis_leaves_a_reserve_to_fixes_that_are_under_way() -> None:
    assert hurried(_order(fixing=False)) < 0.5
    assert hurried(_order(fixing=True)) > 1.4  # 41 tokens of the reserve come back at 25 a second


@pytest.mark.parametrize("scope", ["subscription", "subscription-global", "tenant"])
def test_the_server_is_believed_about_every_scope(scope: str) -> None:
    async def take() -> float:
        bucket, loop = Bucket(250, 25), asyncio.get_running_loop()
        bucket.observe(200, {f"x-ms-ratelimit-remaining-{scope}-reads": "5"}, "reads")
        began = loop.time()
        await asyncio.gather(*(bucket.take() for _ in range(55)))
        return loop.time() - began

    assert 1.9 < hurried(take()) < 2.5  # five at once, fifty more at 25 a second


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("x-ms-ratelimit-remaining-resource", "Microsoft.Compute/X;600,Microsoft.Compute/Y;{left}"),
        (LEFT, "{left}"),
    ],
)
def test_a_provider_whose_remainder_is_small_is_asked_slowly(header: str, value: str) -> None:
    async def take(left: int) -> float:
        bucket, loop = Budget().unknown(SUBSCRIPTION, "GET", VM), asyncio.get_running_loop()
        for told in (150, left):
            bucket.observe({header: value.format(left=told)})
        began = loop.time()
        for _ in range(5):
            await bucket.take()
        return loop.time() - began

    assert hurried(take(100)) < 0.1
    assert 3.5 < hurried(take(2)) < 6


def test_a_provider_that_never_had_a_request_left_is_asked_slowly() -> None:
    async def take() -> float:
        bucket, loop = Budget().unknown(SUBSCRIPTION, "GET", VM), asyncio.get_running_loop()
        bucket.observe({LEFT: "0"})
        began = loop.time()
        for _ in range(5):
            await bucket.take()
        return loop.time() - began

    assert 3.5 < hurried(take()) < 6


def test_nobody_goes_on_waiting_for_a_provider_that_has_requests_again() -> None:
    async def take() -> float:
        bucket, loop = Budget().unknown(SUBSCRIPTION, "GET", VM), asyncio.get_running_loop()
        for left in ("150", "0"):
            bucket.observe({LEFT: left})
        began, answers = loop.time(), iter(("0", "0", "149"))

        async def ask() -> None:
            await bucket.take()
            if (left := next(answers, None)) is not None:
                bucket.observe({LEFT: left})

        await asyncio.gather(*(ask() for _ in range(50)))
        return loop.time() - began

    assert 1.5 < hurried(take()) < 4  # three in turn, then all the others at once


def test_nobody_waits_for_a_provider_longer_than_the_time_that_is_left() -> None:
    async def take() -> float:
        bucket, loop = Budget().unknown(SUBSCRIPTION, "GET", VM), asyncio.get_running_loop()
        bucket.observe({LEFT: "0"})
        began = loop.time()
        with Patience(poll=1, timeout=3, clock=loop.time, began=began).bounding():
            await asyncio.gather(*(bucket.take() for _ in range(50)))
        return loop.time() - began

    assert 2.5 < hurried(take()) < 3.5


def test_changes_of_one_vm_have_a_bucket_of_their_own() -> None:
    async def take(path: str) -> float:
        budget, loop = Budget(), asyncio.get_running_loop()
        began = loop.time()
        for _ in range(13):
            for bucket in budget.of_compute(SUBSCRIPTION, path):
                await bucket.take()
        return loop.time() - began

    assert 13 < hurried(take(f"{VM}/restart")) < 17  # twelve at once, then four a minute
    assert hurried(take(VM.replace("compute", "network"))) < 0.1
