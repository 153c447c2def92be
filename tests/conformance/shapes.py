"""Shared parts of the walks: versions, recorded shapes, and the collection that they delete."""

from collections.abc import Iterator

from tests.simulator.client import Client

COMPUTE, BACKUP, LOCKS, RESOURCES = "2021-03-01", "2021-06-01", "2016-09-01", "2021-01-01"
GUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
GROUP = "AzureBackupRG_westeurope_1"
SEVEN = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,7}"

Problems = Iterator[str]


def collection(client: Client) -> str:
    """The restore point collection of `web`."""
    return next(
        str(each["id"])
        for each in client.cloud.state()["collections"]
        if each["source"].endswith("/web")
    )
