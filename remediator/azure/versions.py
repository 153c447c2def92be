"""API versions, one per provider. Plans show them, readers and writers send them."""

from typing import Final

from remediator.reading import Api

# Older than the SDKs' defaults on purpose: sovereign clouds lag behind the newest versions, and
# nothing here needs them. That these are served in China and US Government is not verified.
VERSIONS: Final[dict[Api, str]] = {
    Api.BACKUP: "2024-10-01",
    Api.VAULTS: "2024-10-01",
    Api.COMPUTE: "2024-11-01",
    Api.LOCKS: "2020-05-01",
    Api.SUBSCRIPTIONS: "2022-12-01",
}
