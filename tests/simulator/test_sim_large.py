"""A cloud of several subscriptions and more than a page of VMs: each list is whole and its own."""

from .client import NEW, Client
from .conftest import Play

CLOUD = """
subscriptions:
  one: 11111111-1111-1111-1111-111111111111
  two: 22222222-2222-2222-2222-222222222222
vaults:
  - {name: v1, subscription: one, group: rg-b}
  - {name: v2, subscription: two, group: rg-b}
vms:
  - name: web
    copies: 450
    subscription: one
    group: rg-app
    protection: {vault: v1}
    collection: {points: {count: 2, newest: 1d ago}}
    history: [{at: 3h ago, code: UserErrorGuestAgentStatusUnavailable}]
  - name: db
    copies: 2
    subscription: two
    group: rg-app
    protection: {vault: v2}
    history: [{at: 3h ago, code: UserErrorGuestAgentStatusUnavailable}]
"""


def _rows(client: Client, path: str, version: str, **query: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    answer = client.get(path, version, **query)
    rows += answer.body["value"]
    while "nextLink" in answer.body:
        answer = client.get(answer.body["nextLink"], None)
        rows += answer.body["value"]
    return rows


def test_lists_are_whole_over_their_pages_and_of_their_own_subscription(play: Play) -> None:
    client = play(CLOUD)
    vms = _rows(client, f"{client.scope}/providers/Microsoft.Compute/virtualMachines", "2024-11-01")
    assert [vm["name"] for vm in vms] == [f"web-{number:03}" for number in range(1, 451)]
    vault = f"{client.group('rg-b')}/providers/Microsoft.RecoveryServices/vaults/v1"
    for kind in ("backupJobs", "backupProtectedItems"):
        rows = _rows(client, f"{vault}/{kind}", NEW)
        assert len({row["name"] for row in rows}) == len(rows) == 450
    other = client.cloud.subscriptions[1]
    theirs = vault.replace(client.subscription, other).replace("/v1", "/v2")
    assert len(_rows(client, f"{theirs}/backupJobs", NEW)) == 2
