"""The search for machines that could be protected."""

from .client import BACKUP, Answer, Client
from .conftest import Play

CLOUD = """
vaults: [{name: vault-main, %s}]
vms: [{name: web}, {name: new, discovered: false}]
"""


def refresh(client: Client) -> Answer:
    return client.call("POST", f"{client.vault()}/backupFabrics/Azure/refreshContainers", BACKUP)


def protectable(client: Client) -> list[str]:
    rows = client.get(f"{client.vault()}/backupProtectableItems", BACKUP).body["value"]
    return [row["properties"]["friendlyName"] for row in rows]


def test_a_new_machine_is_known_after_a_look(play: Play) -> None:
    client = play(CLOUD % "")
    assert protectable(client) == ["web"]
    accepted = refresh(client)
    assert accepted.status == 202
    assert client.get(accepted.headers["location"]).status == 202
    client.cloud.advance(10)
    assert client.get(accepted.headers["location"]).status == 204
    assert protectable(client) == ["web", "new"]


def test_one_look_at_a_time(play: Play) -> None:
    client = play(CLOUD % "discovering_for: 10m")
    second = refresh(client)
    assert second.status == 409
    assert second.body["error"]["message"].startswith("Another Discovery operation is already")
    client.cloud.advance(600)
    assert refresh(client).status == 202
    assert refresh(client).status == 409


def test_a_look_fails(play: Play) -> None:
    client = play(CLOUD % "discovery_fails: 1")
    accepted = refresh(client)
    client.cloud.advance(10)
    failed = client.get(accepted.headers["location"])
    assert (failed.status, failed.code) == (400, "CloudInternalError")
    assert protectable(client) == ["web"]
    refresh(client)
    client.cloud.advance(10)
    assert protectable(client) == ["web", "new"]
