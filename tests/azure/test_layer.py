"""The Azure layer: which requests its pipelines let through, and what it asks for only once."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pytest
from azure.core.credentials import AccessToken
from azure.core.rest import HttpRequest
from azure.mgmt.core import AsyncARMPipelineClient

from remediator.azure.clouds import CLOUDS, Cloud
from remediator.azure.credentials import SharedCredential, StaticToken
from remediator.azure.policies import AzureClock, reading_policies, writing_policies
from remediator.azure.ratelimit import Bucket, Budget
from remediator.azure.session import find_cloud
from remediator.azure.versions import versions
from remediator.errors import AzureError, BadInputError
from remediator.simulator.process import SimulatorProcess
from tests.azure.hurried import hurried
from tests.command import STEP, environment, remediate


def cloud_of(azure: SimulatorProcess) -> Cloud:
    return Cloud("custom", azure.url, f"{azure.url}/.default", azure.url, well_known=False)


async def send(
    azure: SimulatorProcess, policies_of: Callable[..., list[Any]], request: HttpRequest
) -> None:
    """Send a request through these policies to the simulator."""
    cloud = cloud_of(azure)
    credential = SharedCredential(StaticToken(azure.token))
    policies = policies_of(cloud, credential, Budget(), AzureClock())
    async with AsyncARMPipelineClient[Any, Any](cloud.endpoint, policies=policies) as client:
        await client.send_request(request)


@pytest.mark.parametrize("method", ["PUT", "POST", "PATCH", "DELETE"])
def test_a_reading_client_sends_no_write(method: str) -> None:
    with SimulatorProcess("limit-reached") as azure:
        url = f"{azure.url}/subscriptions/{azure.subscriptions[0]}?api-version=2022-12-01"
        with pytest.raises(AzureError, match="only reads"):
            asyncio.run(send(azure, reading_policies, HttpRequest(method, url)))
        assert azure.requests() == []


def test_a_token_is_sent_to_the_configured_host_only() -> None:
    with SimulatorProcess("limit-reached") as azure, SimulatorProcess("limit-reached") as foreign:
        request = HttpRequest("GET", f"{foreign.url}/subscriptions")
        with pytest.raises(AzureError, match="the token was not sent"):
            asyncio.run(send(azure, writing_policies, request))
        assert foreign.requests() == []


def test_nothing_registers_a_resource_provider_by_itself(tmp_path: Any) -> None:
    with SimulatorProcess("limit-reached", time="fast", speed=1200) as azure:
        azure.fault(
            "error",
            method="DELETE",
            path="/locks/",
            status=409,
            code="MissingSubscriptionRegistration",
        )
        job = azure.failed_jobs("web")[-1]
        ended = remediate("--job-id", job, "--yes", env=environment(azure, tmp_path))
        ended.check(3)
        assert "MissingSubscriptionRegistration" in ended.err
        assert [w["method"] for w in azure.writes()] == ["DELETE"]


def test_one_token_request_serves_all_who_ask_at_once() -> None:
    asked = 0

    class Slow:
        async def get_token(self, *_: str, **__: Any) -> AccessToken:
            nonlocal asked
            asked += 1
            await asyncio.sleep(0)
            return AccessToken(f"token-{asked}", int(time.time()) + 3600)

        async def close(self) -> None: ...

        async def __aenter__(self) -> Self:
            return self

        async def __aexit__(self, *_: object) -> None: ...

    async def ask() -> set[str]:
        shared = SharedCredential(Slow())
        tokens = await asyncio.gather(*(shared.get_token("scope") for _ in range(50)))
        return {token.token for token in tokens}

    assert asyncio.run(ask()) == {"token-1"}
    assert asked == 1


def test_a_bucket_lets_its_burst_through_and_then_its_refill() -> None:
    async def take(count: int) -> float:
        bucket = Bucket(250, 25)
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.gather(*(bucket.take() for _ in range(count)))
        return loop.time() - began

    assert hurried(take(250)) < 0.5
    assert 1.5 < hurried(take(300)) < 2.5


def test_a_throttled_answer_holds_everybody_as_long_as_azure_asks() -> None:
    async def take() -> float:
        bucket = Bucket(250, 25)
        loop = asyncio.get_running_loop()
        began = loop.time()
        bucket.observe(429, {"Retry-After": "17"}, "reads")
        await bucket.take()
        return loop.time() - began

    assert 16.5 < hurried(take()) < 18


def test_the_three_clouds_are_where_microsoft_says() -> None:
    assert {
        name: (cloud.endpoint, cloud.scope, cloud.authority, cloud.backup_app_id)
        for name, cloud in CLOUDS.items()
    } == {
        "public": (
            "https://management.azure.com",
            "https://management.azure.com/.default",
            "https://login.microsoftonline.com",
            "262044b1-e2ce-469f-a196-69ab7ada62d3",
        ),
        "china": (
            "https://management.chinacloudapi.cn",
            "https://management.chinacloudapi.cn/.default",
            "https://login.chinacloudapi.cn",
            "262044b1-e2ce-469f-a196-69ab7ada62d3",
        ),
        "usgov": (
            "https://management.usgovcloudapi.net",
            "https://management.core.usgovcloudapi.net/.default",
            "https://login.microsoftonline.us",
            "ff281ffe-705c-4f53-9f37-a40e6f2c68f3",
        ),
    }


def test_a_flag_wins_over_the_environment_by_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMEDIATE_ARM_ENDPOINT", "https://localhost:1")
    assert find_cloud("china", "https://localhost:1", "token") == CLOUDS["china"]
    monkeypatch.delenv("REMEDIATE_ARM_ENDPOINT")
    monkeypatch.setenv("REMEDIATE_CLOUD", "china")
    assert find_cloud("china", "https://localhost:1", "token").endpoint == "https://localhost:1"


def test_every_request_carries_the_version_that_was_set_for_its_provider(tmp_path: Path) -> None:
    wanted = {
        "Microsoft.Compute": "2023-03-01",
        "Microsoft.RecoveryServices/backup": "2023-02-01",
        "Microsoft.Authorization/locks": "2016-09-01",
    }
    options = [w for each in wanted.items() for w in ("--api-version", "=".join(each))]
    with SimulatorProcess("extension-stuck", time="stepped", step=STEP) as azure:
        job = azure.failed_jobs("web")[-1]
        remediate("--job-id", job, "--yes", *options, env=environment(azure, tmp_path)).check(0)
        sent = {
            (provider, entry["api_version"])
            for entry in azure.requests()
            for provider in ("Microsoft.Compute", "Microsoft.RecoveryServices", "locks")
            if f"/{provider}" in entry["path"]
            and "/operations/" not in entry["path"]
            # The permissions at a scope belong to another provider than the scope.
            and not entry["path"].endswith("/permissions")
        }
    assert sent == {
        ("Microsoft.Compute", "2023-03-01"),
        ("Microsoft.RecoveryServices", "2023-02-01"),
        ("locks", "2016-09-01"),
    }


@pytest.mark.parametrize("said", ["Microsoft.Compute", "Microsoft.Moon=2024-01-01", "=", "a=b"])
def test_an_invalid_version_is_refused(said: str) -> None:
    with pytest.raises(BadInputError, match="is not PROVIDER=YYYY-MM-DD"):
        versions([said])
