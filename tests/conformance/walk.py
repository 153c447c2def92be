"""A plain HTTP walk of every long-running operation, from its 202 to its last state.

It uses no client library. It compares status, headers, links and bodies with those of recorded
traffic, key by key and in order. The api-versions are those of the published specifications, so the
same traffic can be judged against them unchanged.
"""

from collections.abc import Callable
from pathlib import Path

from remediator.simulator.process import SimulatorProcess
from tests.conformance.shapes import BACKUP, COMPUTE, GROUP, LOCKS, RESOURCES, Problems, collection
from tests.conformance.verdict import Verdict
from tests.conformance.walk_compute import COMPUTE_WALKS, delete_collection, walked
from tests.conformance.walk_vault import back_up, cancel, protect
from tests.simulator.client import Client

ESTATE = Path(__file__).with_name("estate.yaml")


def _reads(client: Client) -> Problems:
    """Read everything that the tool reads, so that the specifications can judge it unchanged."""
    vault, scope = client.vault(), client.scope
    item = client.item("web1")
    point = client.get(f"{item}/recoveryPoints", BACKUP).body["value"][0]["id"]
    job = client.get(f"{vault}/backupJobs", BACKUP).body["value"][0]["id"]
    running = "status eq 'InProgress' and backupManagementType eq 'AzureIaasVM'"
    reads: list[tuple[str, str, dict[str, str]]] = [
        ("/subscriptions", RESOURCES, {}),
        (
            f"{scope}/resources",
            RESOURCES,
            {"_filter": "resourceType eq 'Microsoft.RecoveryServices/vaults'"},
        ),
        (f"{scope}/resourcegroups", RESOURCES, {}),
        (f"{scope}/providers/Microsoft.Authorization/locks", LOCKS, {}),
        (f"{scope}/providers/Microsoft.Compute/restorePointCollections", COMPUTE, {}),
        (collection(client), COMPUTE, {"_expand": "restorePoints"}),
        (client.vm(), COMPUTE, {"_expand": "instanceView"}),
        (f"{client.vm()}/extensions", COMPUTE, {}),
        (f"{vault}/backupJobs", BACKUP, {"_filter": running}),
        (job, BACKUP, {}),
        (f"{vault}/backupProtectedItems", BACKUP, {}),
        (f"{vault}/backupPolicies/DefaultPolicy", BACKUP, {}),
        (f"{vault}/backupProtectionContainers", BACKUP, {}),
        (f"{vault}/backupProtectableItems", BACKUP, {}),
        (item, BACKUP, {}),
        (point, BACKUP, {}),
    ]
    for path, version, query in reads:
        if (answer := client.get(path, version, **query)).status != 200:
            yield f"{path} answers {answer.status}"
    for path in ("backupJobs/nothing", "backupPolicies/nothing"):
        missing = client.get(f"{vault}/{path}", BACKUP)
        if missing.status != 404:
            yield f"{path} answers {missing.status}"


OTHERS: dict[str, Callable[[Client], Problems]] = {
    "everything the tool reads": _reads,
    "backup trigger and its job": back_up,
    "job cancel": cancel,
    "protection: enable, stop, delete, undelete": protect,
    "collection delete, locked and then not": delete_collection,
}


def judge() -> Verdict:
    """Walk all operations."""
    wrong: list[str] = []
    names: list[str] = []
    unlocked = {"restore point delete"}
    with SimulatorProcess(ESTATE, time="stepped") as cloud:
        client = Client(cloud)
        for name, look in OTHERS.items():
            names.append(name)
            wrong += [f"{name}: {problem}" for problem in look(client)]
    with SimulatorProcess(ESTATE, time="stepped") as cloud:
        client = Client(cloud)
        lock = f"{client.group(GROUP)}/providers/Microsoft.Authorization/locks/keep"
        for walk in COMPUTE_WALKS:
            names.append(walk.name)
            if walk.name in unlocked:
                client.delete(lock, LOCKS)
            wrong += [f"{walk.name}: {problem}" for problem in walked(client, walk)]
    return Verdict(
        "plain HTTP",
        "every long-running operation from its 202 to its last state, against the recorded shapes",
        f"{len(names)} walks",
        wrong,
        [f"- {name}" for name in names],
    )
