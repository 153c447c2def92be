"""Tokens: who gets one, and what happens without one."""

import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import pytest

from remediator.simulator.process import SimulatorProcess

from .client import RESOURCES, Client
from .conftest import Start


def post(client: Client, **form: str) -> tuple[int, Any]:
    tenant = client.cloud.tenant_id
    request = urllib.request.Request(  # noqa: S310
        f"{client.cloud.url}/{tenant}/oauth2/v2.0/token",
        data=urllib.parse.urlencode(form).encode(),
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_secret_buys_a_token(start: Start) -> None:
    client = start("healthy")
    cloud = client.cloud
    form = {
        "grant_type": "client_credentials",
        "client_id": cloud.client_id,
        "client_secret": cloud.client_secret,
        "scope": "https://management.azure.com/.default",
    }
    status, body = post(client, **form)
    assert (status, body["token_type"]) == (200, "Bearer")
    found = client.call("GET", "/subscriptions", RESOURCES, token=body["access_token"])
    assert found.status == 200
    status, refused = post(client, **(form | {"client_secret": "guess"}))
    assert status == 401
    assert refused["error_description"].startswith("AADSTS7000215")
    form.pop("client_secret")
    assert post(client, **form, client_assertion="from a federation")[0] == 200
    assert post(client, **(form | {"client_id": "other"}), client_assertion="x")[0] == 400
    logged = json.dumps(cloud.requests())
    assert body["access_token"] not in logged
    assert cloud.client_secret not in logged
    assert cloud.writes() == []


def test_no_token_a_foreign_one_and_an_old_one(start: Start, tmp_path: Any) -> None:
    file = tmp_path / "short.yaml"
    file.write_text("principal: {token_lifetime: 0}\n")
    client = start(file)
    missing = client.call("GET", "/subscriptions", RESOURCES, token=None)
    assert (missing.status, missing.code) == (401, "AuthenticationFailed")
    assert missing.headers["www-authenticate"].startswith("Bearer authorization_uri=")
    foreign = client.call("GET", "/subscriptions", RESOURCES, token="a.b.c")
    assert (foreign.status, foreign.code) == (401, "InvalidAuthenticationToken")
    old = client.call("GET", "/subscriptions", RESOURCES)
    assert (old.status, old.code) == (401, "ExpiredAuthenticationToken")


def test_managed_identity(start: Start) -> None:
    client = start("healthy")
    url = f"{client.cloud.identity_url}?resource=https://management.azure.com/&api-version=1"
    request = urllib.request.Request(url, headers={"X-IDENTITY-HEADER": "wrong"})  # noqa: S310
    with pytest.raises(urllib.error.HTTPError, match="401") as refused:
        urllib.request.urlopen(request, timeout=10)  # noqa: S310
    refused.value.close()
    request.add_header("X-IDENTITY-HEADER", client.cloud.identity_header)
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        body = json.load(answer)
    assert isinstance(body["expires_on"], str)
    found = client.call("GET", "/tenants", RESOURCES, token=body["access_token"])
    assert found.status == 200


def test_the_cloud_describes_itself_over_https() -> None:
    with SimulatorProcess("healthy", https=True) as cloud:
        client = Client(cloud)
        assert cloud.url.startswith("https://localhost:")
        assert cloud.identity_url.startswith("http://127.0.0.1:")
        about = client.call("GET", "/metadata/endpoints", "2022-09-01", token=None).body
        assert about["resourceManager"] == f"{cloud.url}/"
        context = ssl.create_default_context(cafile=cloud.ca_file)
        login = about["authentication"]["loginEndpoint"] + cloud.tenant_id
        with urllib.request.urlopen(  # noqa: S310
            f"{login}/v2.0/.well-known/openid-configuration", context=context, timeout=10
        ) as answer:
            assert json.load(answer)["token_endpoint"] == f"{login}/oauth2/v2.0/token"
