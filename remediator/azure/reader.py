"""The Reader: one pipeline that only reads. All reads share it."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from azure.core.exceptions import AzureError as SdkError
from azure.core.rest import HttpRequest
from azure.mgmt.core import AsyncARMPipelineClient

from remediator.azure.answers import read_json, unreadable
from remediator.azure.clouds import Cloud
from remediator.azure.errors import envelope, explain, refusal
from remediator.azure.policies import AzureClock
from remediator.azure.retry import retry_after
from remediator.azure.versions import Versions
from remediator.errors import AzureError
from remediator.reading import Answer, Api, Keys, Query

PAGES: Final = 1000
"""No list here has so many pages. A longer list runs in a circle."""

ROWS: Final = 200_000
"""How many rows a list may have: ten times the jobs of a large vault."""

LIST_AT_MOST: Final = 256 * 1024 * 1024
"""How many bytes all pages of a list may have together."""

VAULTS_FILTER: Final = "resourceType eq 'Microsoft.RecoveryServices/vaults'"

_ACCEPTED, _NO_CONTENT = 202, 204

_ABSENT: Final = frozenset(
    {
        "LockNotFound",
        "NotFound",
        "ParentResourceNotFound",
        "PolicyAssignmentNotFound",
        "PolicyDefinitionNotFound",
        "PolicySetDefinitionNotFound",
        "ResourceGroupNotFound",
        "ResourceNotFound",
        "RoleAssignmentNotFound",
        "RoleDefinitionDoesNotExist",
        "VaultNotFound",
    }
)
"""The codes with which a 404 says that the requested resource does not exist."""


class ArmReader:
    """Reads JSON as Azure sends it.

    Requests go through the SDK's pipeline, but without its generated models. The models cost two to
    five times the CPU, and the backup models misread real answers (base classes, integer enums).

    An odd answer becomes an `AzureError`, never an absence. A resource counts as absent only if a
    404 says so in one of the known ways.
    """

    shared = False

    def __init__(
        self,
        cloud: Cloud,
        versions: Versions,
        client: AsyncARMPipelineClient[Any, Any],
        clock: AzureClock,
    ) -> None:
        self._cloud = cloud
        self._versions = versions
        self._client = client
        self._clock = clock

    async def get(self, query: Query) -> Answer:
        """Read one resource. A 404 is an answer."""
        answer, _ = await self._read(self._address(query), str(query))
        return answer

    async def pages(self, query: Query) -> tuple[list[dict[str, Any]], Answer]:
        """Read a list to its end. Two equal rows with the same id count as one."""
        rows: list[dict[str, Any]] = []
        doing, url, size = str(query), self._address(query), 0
        links = {url}
        for _ in range(PAGES):
            answer, length = await self._read(url, doing)
            rows += _rows(answer, doing)
            size += length
            if len(rows) > ROWS or size > LIST_AT_MOST:
                why = f"it has more than {ROWS} rows or {LIST_AT_MOST >> 20} MB"
                raise unreadable(doing, why)
            link = (answer.body or {}).get("nextLink")
            if not link:
                return list(_each_once(rows)), answer
            if not isinstance(link, str):
                raise unreadable(doing, "its nextLink is not an address")
            if link in links:
                raise unreadable(doing, "its next page is a page that was read before")
            links.add(link)
            url = link
        raise unreadable(doing, f"it has more than {PAGES} pages")

    async def pages_with(
        self, query: Query, keys: Keys, wanted: Collection[str]
    ) -> tuple[list[dict[str, Any]], Answer]:
        """Read a list to its end. Keep the rows with a wanted key."""
        rows, answer = await self.pages(query)
        return [row for row in rows if not set(wanted).isdisjoint(keys(row))], answer

    async def follow(self, url: str) -> Answer:
        """Read once from an address that Azure gave."""
        answer, _ = await self._read(url, f"GET {url.split('?', 1)[0]}", operation=True)
        return answer

    async def vaults(self, subscription: str) -> list[str]:
        """The Recovery Services vaults of a subscription."""
        path = f"/subscriptions/{subscription}/resources"
        only = (("$filter", VAULTS_FILTER),)
        query = Query(api=Api.RESOURCES, path=path, params=only)
        rows, _ = await self.pages(query)
        found = [row["id"] for row in rows if isinstance(row.get("id"), str)]
        if len(found) < len(rows):
            raise unreadable(str(query), "a vault in the list has no id")
        return found

    def _address(self, query: Query) -> str:
        # Backup ids contain semicolons, and real clients send them encoded.
        params = (*query.params, ("api-version", self._versions[query.api]))
        path = quote(query.path, safe="/-._~")
        return f"{self._cloud.endpoint}{path}?{urlencode(params, quote_via=quote)}"

    async def _read(self, url: str, doing: str, *, operation: bool = False) -> tuple[Answer, int]:
        """The answer from an address, and its size in bytes.

        Args:
            url: the address.
            doing: the request, for errors.
            operation: whether it is the address of an operation. An operation may go on, or leave
                nothing.

        Raises:
            AzureError: the answer is neither the requested resource nor its absence.
        """
        try:
            response: Any = await self._client.send_request(HttpRequest("GET", url))
            found = _told(response, doing, operation=operation)
            wait = retry_after(response.headers)
            return Answer(body=found, at=self._clock.now(), retry_after=wait), len(response.content)
        except AzureError:
            raise
        except SdkError as error:
            raise explain(error, doing, sent=False) from error
        except Exception as error:
            # An answer can make a library raise errors that nobody foresees.
            raise unreadable(doing, type(error).__name__, status=None) from error


def _told(response: Any, doing: str, *, operation: bool) -> dict[str, Any] | None:
    """The resource that an answer tells. None if the answer says that it is absent."""
    status = response.status_code
    if status == 200 or (operation and status == _ACCEPTED):
        try:
            body = read_json(response.content) if status == 200 or response.content else {}
        except ValueError as error:
            raise unreadable(doing, f"it is not JSON that can be read ({error})") from error
        if not isinstance(body, dict):
            raise unreadable(doing, "it is not an object")
        return body
    if operation and status == _NO_CONTENT:
        return None
    if 300 <= status < 400:
        raise AzureError(
            f"{doing} answered {status}, a redirect, which was not followed: Azure Resource "
            "Manager never redirects, so check the endpoint",
            code="Redirected",
            status=status,
        )
    if status < 400:
        why = f"status {status} does not say whether the resource exists"
        raise unreadable(doing, why, status=status)
    if status == 404 and _is_of_the_thing(response):
        return None
    raise refusal(response, doing)


def _each_once(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The rows without repetitions. A list can shift by a row while its pages are read."""
    seen: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        # Nothing rests on this id. So `dict.get` hides the reading from the tool that notes which
        # fields are read.
        key = dict.get(row, "id")
        if isinstance(key, str):
            alike = seen.setdefault(key, [])
            if row in alike:
                continue
            alike.append(row)
        yield row


def _rows(answer: Answer, doing: str) -> list[dict[str, Any]]:
    """The rows of one page."""
    if answer.body is None:
        raise AzureError(
            f"{doing} answered that there is no such list", code="ResourceNotFound", status=404
        )
    rows = answer.body.get("value")
    if not isinstance(rows, list):
        raise unreadable(doing, "it is not a complete list")
    if not all(isinstance(row, dict) for row in rows):
        raise unreadable(doing, "a row of the list is not an object")
    return rows


def _is_of_the_thing(response: Any) -> bool:
    """Whether a 404 says that the resource is absent, not the subscription or ARM itself.

    For an absent resource, the backup service answers with an empty object (recorded in 2025).
    """
    try:
        body = read_json(response.content)
    except ValueError:
        return False  # not a 404 of ARM: a wrong endpoint, not an absent resource
    path = urlsplit(response.request.url).path.lower()
    backup = "/providers/microsoft.recoveryservices/" in path
    if body == {}:
        return backup
    code, _ = envelope(body)
    its_own = backup and "UserError" in code and code.endswith("NotFound")
    return code in _ABSENT or its_own
