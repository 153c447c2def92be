"""The Reader: one pipeline that only reads, shared by all looking."""

from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from azure.core.exceptions import AzureError as SdkError
from azure.core.exceptions import HttpResponseError
from azure.core.rest import HttpRequest
from azure.mgmt.core import AsyncARMPipelineClient

from remediator.azure.clouds import Cloud
from remediator.azure.errors import explain
from remediator.azure.policies import AzureClock
from remediator.azure.retry import retry_after
from remediator.azure.versions import Versions
from remediator.errors import AzureError
from remediator.reading import Answer, Query

PAGES = 1000
"""More pages than any list here has; beyond it the list runs in a circle."""


class ArmReader:
    """Reads JSON as Azure sends it.

    Requests go through the SDK's pipeline without its generated models: they cost two to five
    times the CPU, and the backup models misread real answers (base classes, integer enums).
    """

    def __init__(
        self,
        cloud: Cloud,
        versions: Versions,
        client: AsyncARMPipelineClient[Any, Any],
        clock: AzureClock,
        sdk: Any,
    ) -> None:
        self._cloud = cloud
        self._versions = versions
        self._client = client
        self._clock = clock
        self._sdk = sdk

    async def get(self, query: Query) -> Answer:
        """Read one thing; 404 is an answer."""
        return await self._send(self._address(query), str(query))

    async def pages(self, query: Query) -> tuple[list[dict[str, Any]], Answer]:
        """Read a list to its end."""
        rows: list[dict[str, Any]] = []
        url: str | None = self._address(query)
        for _ in range(PAGES):
            answer = await self._send(url or "", str(query))
            body = answer.body
            if body is None or not isinstance(body.get("value"), list):
                raise AzureError(
                    f"{query} did not answer with a list; half a list is not used",
                    code="NotAList" if body is not None else "ResourceNotFound",
                    status=404 if body is None else 200,
                )
            rows += [row for row in body["value"] if isinstance(row, dict)]
            url = body.get("nextLink")
            if not url:
                return rows, answer
        raise AzureError(f"{query} has more than {PAGES} pages", code="TooManyPages", status=200)

    async def follow(self, url: str) -> Answer:
        """Look once at an address that Azure gave."""
        return await self._send(url, f"GET {url.split('?', 1)[0]}")

    async def vaults(self, subscription: str) -> list[str]:
        """The Recovery Services vaults of a subscription."""
        from remediator.azure.explore import vaults

        return await vaults(self._sdk, subscription)

    def _address(self, query: Query) -> str:
        # Backup ids hold semicolons, which real clients send encoded.
        params = (*query.params, ("api-version", self._versions[query.api]))
        path = quote(query.path, safe="/-._~")
        return f"{self._cloud.endpoint}{path}?{urlencode(params, quote_via=quote)}"

    async def _send(self, url: str, doing: str) -> Answer:
        try:
            response: Any = await self._client.send_request(HttpRequest("GET", url))
            if response.status_code != 404:
                response.raise_for_status()
        except SdkError as error:
            raise explain(error, doing, sent=False) from error
        if 300 <= response.status_code < 400:
            raise AzureError(
                f"{doing} answered {response.status_code}, a redirect, which Azure Resource "
                "Manager never does; it was not followed: check the endpoint",
                code="Redirected",
                status=response.status_code,
            )
        try:
            body = response.json() if response.status_code == 200 else None
        except (SdkError, ValueError) as error:
            raise AzureError(
                f"{doing} did not answer with JSON; check the endpoint", code="NotJson", status=200
            ) from error
        if response.status_code == 404 and not _is_of_the_thing(response):
            raise explain(HttpResponseError(response=response), doing, sent=False)
        if body is not None and not isinstance(body, dict):
            raise AzureError(
                f"{doing} did not answer with an object", code="NotAnObject", status=200
            )
        return Answer(body=body, at=self._clock.now(), retry_after=retry_after(response.headers))


def _is_of_the_thing(response: Any) -> bool:
    """Whether a 404 says that the thing is absent, and not the subscription or ARM itself.

    The backup service answers for an absent thing with an empty object (recorded in 2025).
    """
    from remediator.azure.errors import envelope

    try:
        body = response.json()
    except ValueError:
        return False  # a 404 that is not ARM's: a wrong endpoint, not an absent resource
    if body == {}:
        return (
            "/providers/microsoft.recoveryservices/" in urlsplit(response.request.url).path.lower()
        )
    code, _ = envelope(body)
    return code not in ("SubscriptionNotFound", "InvalidSubscriptionId", "")
