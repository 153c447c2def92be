"""What a check reads around the machines."""

import pytest

from .client import BACKUP, COMPUTE, LOCKS, RESOURCES, Client, codes
from .conftest import Play

NETWORK = "2024-05-01"
METRICS = "2023-10-01"
STORAGE = "2024-01-01"
CLOUD = """
vaults: [{name: vault-main}]
vms:
  - name: web
    protection: {vault: vault-main}
"""


def test_the_vm_says_more_of_itself(play: Play) -> None:
    client = play(
        CLOUD
        + """
    provision_vm_agent: false
    allow_extension_operations: false
    os_name: Windows Server 2008
    os_version: "6.1"
    reboot_pending: true
    agent: {state: ready, version: 2.6.1198.718, reported: 2d ago}
    disks: [{lun: 3, size_gb: 512, write_accelerator: true}]
"""
    )
    vm = client.get(client.vm(), _expand="instanceView").body["properties"]
    assert vm["osProfile"]["windowsConfiguration"]["provisionVMAgent"] is False
    assert vm["osProfile"]["allowExtensionOperations"] is False
    assert vm["storageProfile"]["dataDisks"][0]["writeAcceleratorEnabled"] is True
    view = vm["instanceView"]
    assert (view["osName"], view["osVersion"]) == ("Windows Server 2008", "6.1")
    assert view["patchStatus"]["availablePatchSummary"]["rebootPending"] is True
    assert view["vmAgent"]["vmAgentVersion"] == "2.6.1198.718"
    assert view["vmAgent"]["statuses"][0]["time"][:10] < client.cloud.now()[:10]


def test_a_vm_without_an_agent(play: Play) -> None:
    client = play(CLOUD + "    agent: absent")
    assert "vmAgent" not in client.get(f"{client.vm()}/instanceView").body
    assert codes(client.back_up()) == ["UserErrorGuestAgentStatusUnavailable"]


def security_group(client: Client) -> str:
    """Find the group as a reader would: from the VM over its interface."""
    profile = client.get(client.vm()).body["properties"]["networkProfile"]
    interface = client.get(profile["networkInterfaces"][0]["id"], NETWORK).body
    assert interface["properties"]["virtualMachine"]["id"] == client.vm()
    return str(interface["properties"]["networkSecurityGroup"]["id"])


def test_a_vm_that_may_not_go_out_is_backed_up(play: Play) -> None:
    client = play(CLOUD + "    network: {deny_outbound: true}")
    assert client.back_up()["status"] == "Completed"


def test_the_rules_of_a_security_group(play: Play) -> None:
    client = play(CLOUD + "    network: {deny_outbound: true}")
    group = security_group(client)

    def put(name: str, priority: int) -> int:
        wanted = {
            "access": "Allow",
            "direction": "Outbound",
            "priority": priority,
            "protocol": "*",
            "destinationAddressPrefix": name,
        }
        path = f"{group}/securityRules/Allow{name}"
        return client.call("PUT", path, NETWORK, body={"properties": wanted}).status

    def rules() -> list[str]:
        found = client.get(group, NETWORK).body["properties"]["securityRules"]
        return [rule["properties"]["destinationAddressPrefix"] for rule in found]

    assert rules() == ["Internet"]
    assert put("Storage", 4000) == 400  # the priority is taken
    assert put("Storage", 200) == 201
    assert put("Sql", 4096) == 201
    assert rules() == ["Storage", "Internet", "Sql"]
    assert put("Sql", 100) == 200
    assert rules() == ["Sql", "Storage", "Internet"]
    assert client.delete(f"{group}/securityRules/AllowStorage", NETWORK).status == 200
    assert rules() == ["Sql", "Internet"]


def test_networks_and_their_subnets(play: Play) -> None:
    client = play(
        "networks: [{name: vnet-main, subnets: [front, back]}]\n"
        "vms: [{name: web, network: {vnet: vnet-main, subnet: back, static_ip: true}}, {name: db}]"
    )
    networks = client.get(f"{client.scope}/providers/Microsoft.Network/virtualNetworks", NETWORK)
    names = [row["name"] for row in networks.body["value"]]
    assert names == ["vnet-main", "rg-app-vnet"]
    main = networks.body["value"][0]["id"]
    subnets = client.get(f"{main}/subnets", NETWORK).body["value"]
    assert [row["name"] for row in subnets] == ["front", "back"]
    assert client.get(f"{main}/subnets/gone", NETWORK).status == 404
    interfaces = f"{client.group('rg-app')}/providers/Microsoft.Network/networkInterfaces"
    rows = client.get(interfaces, NETWORK).body["value"]
    addresses = [row["properties"]["ipConfigurations"][0]["properties"] for row in rows]
    assert [row["privateIPAllocationMethod"] for row in addresses] == ["Static", "Dynamic"]
    assert addresses[0]["subnet"]["id"] == subnets[1]["id"]
    assert client.get(rows[0]["id"][:-1], NETWORK).status == 404


def test_metrics(play: Play) -> None:
    client = play(CLOUD + "    cpu: 97\n    metrics: {OS Disk IOPS Consumed Percentage: 100}")
    path = f"{client.vm()}/providers/Microsoft.Insights/metrics"
    span = "2026-01-01T00:00:00Z/2026-01-01T01:00:00Z"
    query = {
        "metricnames": "Percentage CPU,OS Disk IOPS Consumed Percentage",
        "timespan": span,
        "interval": "PT15M",
        "aggregation": "Average,Maximum",
    }
    rows = client.get(path, METRICS, **query).body["value"]
    assert [row["name"]["value"] for row in rows] == query["metricnames"].split(",")
    data = rows[0]["timeseries"][0]["data"]
    assert [point["timeStamp"][11:16] for point in data] == ["00:00", "00:15", "00:30", "00:45"]
    assert (data[0]["average"], data[0]["maximum"]) == (97, 97)
    assert rows[1]["timeseries"][0]["data"][0]["average"] == 100
    assert client.get(path, METRICS, metricnames="Nonsense").status == 400
    client.done(client.call("POST", f"{client.vm()}/deallocate"))
    off = client.get(path, METRICS, **query).body["value"][0]["timeseries"][0]["data"]
    assert "average" not in off[0]


def test_storage_accounts(play: Play) -> None:
    client = play(
        """
storage_accounts:
  - {name: st1, location: northeurope, sku: Premium_LRS, kind: BlockBlobStorage}
  - {name: st2, status: unavailable, network_default: Deny}
"""
    )
    path = f"{client.scope}/providers/Microsoft.Storage/storageAccounts"
    rows = client.get(path, STORAGE).body["value"]
    assert [(row["sku"]["name"], row["kind"], row["location"]) for row in rows] == [
        ("Premium_LRS", "BlockBlobStorage", "northeurope"),
        ("Standard_LRS", "StorageV2", "westeurope"),
    ]
    second = client.get(rows[1]["id"], STORAGE).body["properties"]
    assert second["statusOfPrimary"] == "unavailable"
    assert second["networkAcls"]["defaultAction"] == "Deny"


def test_a_lock_on_the_storage_account_of_unmanaged_disks(play: Play) -> None:
    client = play(
        CLOUD
        + "    unmanaged_in: st1\nstorage_accounts: [{name: st1}]\n"
        + "locks: [{name: keep, scope: 'storage:st1'}]"
    )
    disk = client.get(client.vm()).body["properties"]["storageProfile"]["osDisk"]
    assert disk["vhd"]["uri"].startswith("https://st1.blob.core.windows.net/")
    assert "managedDisk" not in disk
    assert codes(client.back_up()) == ["UserErrorStorageAccountIsLocked"]
    client.delete(client.cloud.state()["locks"][0]["id"], LOCKS)
    assert client.back_up()["status"] == "Completed"


def test_quota(play: Play) -> None:
    client = play("vms: [{name: web}]\nquota: {cores: {current: 100, limit: 100}}")
    path = f"{client.scope}/providers/Microsoft.Compute/locations/westeurope/usages"
    rows = {row["name"]["value"]: row for row in client.get(path, COMPUTE).body["value"]}
    assert (rows["cores"]["currentValue"], rows["cores"]["limit"]) == (100, 100)
    assert rows["virtualMachines"]["currentValue"] == 1


def test_a_provider_is_registered(play: Play) -> None:
    client = play("groups: [rg]\nunregistered: [Microsoft.RecoveryServices]")
    path = f"{client.scope}/providers/Microsoft.RecoveryServices"

    def registration() -> str:
        return str(client.get(path, RESOURCES).body["registrationState"])

    assert registration() == "NotRegistered"
    assert client.call("POST", f"{path}/register", RESOURCES).status == 200
    assert registration() == "NotRegistered"
    client.cloud.advance(60)
    assert registration() == "Registered"
    other = client.get(f"{client.scope}/providers/Microsoft.Compute", RESOURCES).body
    assert other["registrationState"] == "Registered"


def test_policies_tell_when_they_run(play: Play) -> None:
    client = play(
        """
vaults:
  - name: vault-main
    policies: [{name: night, at: "22:00"}, {name: new, at: "04:30", enhanced: true}]
"""
    )
    path = f"{client.vault()}/backupPolicies"
    night, new = (row["properties"] for row in client.get(path, BACKUP).body["value"])
    assert night["schedulePolicy"]["scheduleRunTimes"][0][11:] == "22:00:00Z"
    times = new["schedulePolicy"]["dailySchedule"]["scheduleRunTimes"]
    assert times[0][11:] == "04:30:00Z"


@pytest.mark.parametrize(
    ("vm", "code"),
    [
        ("{name: web}", "Success"),
        ("{name: web, location: northeurope}", "UserErrorVmVaultLocationMismatch"),
        ("{name: web, protection: {vault: vault-main}}", "UserErrorVMAlreadyProtected"),
        ("{name: web, exists: false}", "UserErrorVmNotFoundV2"),
    ],
)
def test_whether_a_vm_could_be_protected(play: Play, vm: str, code: str) -> None:
    client = play(f"vaults: [{{name: vault-main}}]\nvms: [{vm}]")
    region = f"{client.scope}/providers/Microsoft.RecoveryServices/locations/westeurope"
    body = {
        "resourceType": "VM",
        "resourceId": client.vm(),
        "vaultId": client.vault(),
        "properties": "",
    }
    answer = client.call("POST", f"{region}/backupPreValidateProtection", BACKUP, body=body)
    assert answer.body["errorCode"] == code
    assert client.cloud.writes() == []
    if code == "Success":
        assert client.protect(policyId=client.policy).status == 202
    elif code != "UserErrorVMAlreadyProtected":
        assert client.protect(policyId=client.policy).code == code
