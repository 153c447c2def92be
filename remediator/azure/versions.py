"""API versions, one per provider. Plans show them; readers and writers send them."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from remediator.errors import BadInputError
from remediator.reading import Api

Versions = Mapping[Api, str]

# Older than the SDKs' defaults on purpose. Sovereign clouds lag behind, and this tool does not need
# the newest versions. It is not verified that China and US Government serve these.
VERSIONS: Final[Versions] = {
    Api.BACKUP: "2024-10-01",
    Api.COMPUTE: "2024-11-01",
    Api.DISKS: "2024-03-02",  # disks and their restore points have their own versions
    Api.LOCKS: "2020-05-01",
    Api.RESOURCES: "2021-04-01",
    Api.SUBSCRIPTIONS: "2022-12-01",
    Api.MANAGEMENT_GROUPS: "2020-05-01",
    Api.KEY_VAULT: "2023-07-01",
    Api.ROLES: "2022-04-01",
    Api.PERMISSIONS: "2022-04-01",
    Api.POLICY: "2021-06-01",  # the newest version that assignments and definitions share
    Api.NETWORK: "2023-09-01",
    Api.STORAGE: "2023-01-01",
    Api.METRICS: "2018-01-01",
}

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?")


def versions(said: Iterable[str]) -> Versions:
    """The versions, with those that the person set, each as `PROVIDER=VERSION`.

    Raises:
        BadInputError: the provider is not used here, or the text is not a version.
    """
    known = {api.value.lower(): api for api in Api}
    chosen: dict[Api, str] = {}
    for each in said:
        provider, _, version = each.partition("=")
        api = known.get(provider.strip().lower())
        if api is None or not _VERSION.fullmatch(version.strip()):
            raise BadInputError(
                f"--api-version {each!r} is not PROVIDER=YYYY-MM-DD with one of {', '.join(Api)}"
            )
        chosen[api] = version.strip()
    return {**VERSIONS, **chosen}
