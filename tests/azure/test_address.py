"""A token goes only to the configured endpoint, in the tool's own spelling of that address."""

import random
from typing import Any
from urllib.parse import urlsplit

import pytest
from azure.core.pipeline import PipelineContext, PipelineRequest
from azure.core.rest import HttpRequest

from remediator.azure.clouds import CLOUDS, Cloud
from remediator.azure.policies import OneHostPolicy
from remediator.errors import AzureError

PATH = "/subscriptions/1/x?api-version=1&t=%3D&h=a%2Fb"
HERE = "https://management.azure.com"


def sent_to(url: str, endpoint: str = HERE) -> str:
    """The address to which a request is sent."""
    cloud = Cloud("custom", endpoint, "", "")
    request: Any = HttpRequest("GET", "https://unset")
    request.url = url
    asked: Any = PipelineRequest(request, PipelineContext(None))
    OneHostPolicy(cloud).on_request(asked)
    return str(request.url)


@pytest.mark.parametrize(
    "spelt",
    [
        "https://management.azure.com",
        "https://management.azure.com:443",
        "https://management.azure.com:",
        "https://Management.Azure.com",
        "HTTPS://MANAGEMENT.AZURE.COM:443",
        "https://management.azure.com.",
        "https://management.azure.com.:443",
    ],
)
def test_every_spelling_of_our_host_is_sent_to_ours(spelt: str) -> None:
    assert sent_to(spelt + PATH) == HERE + PATH


def test_a_port_that_was_configured_is_kept() -> None:
    assert sent_to(f"https://LOCALHOST:8443{PATH}", "https://localhost:8443").startswith(
        "https://localhost:8443/"
    )
    assert sent_to(f"http://localhost/{PATH}", "http://localhost:80").startswith(
        "http://localhost:80/"
    )
    assert sent_to(f"https://[::1]:443{PATH}", "https://[::1]").startswith("https://[::1]/")


ELSEWHERE = [
    "http://management.azure.com",
    "http://management.azure.com:443",
    "https://management.azure.com:444",
    "https://management.azure.com:0",
    "https://management.azure.com:99999",
    "https://management.azure.com:x",
    "https://management.azure.com@evil.example",
    "https://user@management.azure.com",
    "https://user:pw@management.azure.com",
    "https://evil.example#management.azure.com",
    "https://evil.example\\@management.azure.com",
    "https://management.azure.com\\.evil.example",
    "https://management.azure.com.evil.example",
    "https://management.azure.com..",
    "https://management。azure。com",
    "https://management.azure.cоm",
    "https://management.azure.com%2eevil.example",
    "https://[management.azure.com]",
    "https://[::1",
    "https:management.azure.com",
    "//management.azure.com",
    "ftp://management.azure.com",
    "javascript:alert(1)",
    "https://",
    "",
    "relative",
    "https://management.azure.com:４４３",
]


@pytest.mark.parametrize("url", ELSEWHERE)
def test_an_address_that_is_not_surely_ours_is_refused(url: str) -> None:
    with pytest.raises(AzureError, match="the token was not sent") as raised:
        sent_to(url + "/subscriptions/1")
    assert raised.value.code == "ForeignHost"
    assert "pw@" not in str(raised.value)


def test_no_mixture_of_spellings_leads_elsewhere() -> None:
    rng = random.Random(443)  # noqa: S311 - no secret
    parts = [*ELSEWHERE, HERE, "management.azure.com", "evil.example"]
    parts += [*"@:/\\?#.[]%", "443", "\n", "\t", " ", "\0", "\u2028", "\ud800"]
    for _ in range(4_000):
        url = "".join(rng.choice(parts) for _ in range(rng.randint(1, 6)))
        try:
            went = sent_to(url)
        except AzureError:
            continue
        assert went.startswith(HERE)
        assert urlsplit(went).netloc == "management.azure.com"


def test_the_clouds_are_their_own_hosts_only() -> None:
    for cloud in CLOUDS.values():
        for other in CLOUDS.values():
            if other is cloud:
                assert sent_to(f"{other.endpoint}:443{PATH}", cloud.endpoint)
            else:
                with pytest.raises(AzureError):
                    sent_to(other.endpoint + PATH, cloud.endpoint)
