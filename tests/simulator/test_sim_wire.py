"""Bodies, headers and errors have the forms of recorded traffic."""

import re

from .client import BACKUP, COMPUTE, LOCKS, RESOURCES, Client

SEVEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,7}Z")


def jobs(demo: Client, **query: str) -> list[dict[str, object]]:
    return list(demo.get(f"{demo.vault('vault-prod')}/backupJobs", BACKUP, **query).body["value"])


def test_a_job_row_has_the_errors_and_its_details_the_tasks_too(demo: Client) -> None:
    row = next(each for each in jobs(demo) if each["properties"]["status"] == "Failed")  # type: ignore[index]
    properties = row["properties"]
    assert isinstance(properties, dict)
    assert "extendedInfo" not in properties
    details = demo.get(str(row["id"]), BACKUP).body["properties"]
    assert details["errorDetails"] == properties["errorDetails"]
    error = details["errorDetails"][0]
    assert isinstance(error["errorCode"], int)
    assert isinstance(error["recommendations"], list)
    assert [task["taskId"] for task in details["extendedInfo"]["tasksList"]] == [
        "Take Snapshot",
        "Transfer data to vault",
    ]
    assert SEVEN.fullmatch(details["startTime"])
    assert SEVEN.fullmatch(details["endTime"])
    assert details["duration"].startswith("PT")


def test_job_filters(demo: Client) -> None:
    failed = jobs(demo, _filter="status eq 'Failed' and operation eq 'Backup'")
    assert failed
    assert len(failed) < len(jobs(demo))
    none = jobs(demo, _filter="startTime eq '2000-01-01 00:00:00 AM' and endTime eq "
                "'2000-01-02 12:00:00 AM'")  # fmt: skip
    assert none == []
    refused = demo.get(
        f"{demo.vault('vault-prod')}/backupJobs", BACKUP, _filter="status ne 'Failed'"
    )
    assert refused.status == 400
    assert set(refused.body["error"]) == {"code", "message", "target", "details", "innerError"}


def test_protected_items_have_raw_semicolons_and_the_real_type(demo: Client) -> None:
    listed = demo.get(
        f"{demo.vault('vault-prod')}/backupProtectedItems",
        BACKUP,
        _filter="backupManagementType eq 'AzureIaasVM' and itemType eq 'VM'",
    ).body["value"]
    item = next(each for each in listed if each["properties"]["friendlyName"] == "web")
    properties = item["properties"]
    assert item["name"] == "VM;iaasvmcontainerv2;rg-shop;web"
    assert "IaasVMContainer;iaasvmcontainerv2;rg-shop;web" in item["id"]
    assert properties["protectedItemType"] == "Microsoft.Compute/virtualMachines"
    assert properties["containerName"] == "iaasvmcontainerv2;rg-shop;web"
    assert properties["lastBackupStatus"] == "Failed"
    assert properties["healthDetails"][0]["title"] == "UserErrorRpCollectionLimitReached"
    encoded = item["id"].replace(";", "%3B")
    assert demo.get(encoded, BACKUP).body["id"] == item["id"]
    full = demo.get(encoded, BACKUP, _filter="expand eq 'ExtendedInfo'").body["properties"]
    assert full["extendedInfo"]["recoveryPointCount"] == 18
    points = demo.get(f"{encoded}/recoveryPoints", BACKUP).body["value"]
    assert points[0]["properties"]["recoveryPointTierDetails"] == [
        {"type": "InstantRP", "status": "Valid"},
        {"type": "HardenedRP", "status": "Valid"},
    ]


def test_an_item_that_was_never_backed_up(start, tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "new.yaml"
    file.write_text(
        "vaults: [{name: vault-main}]\n"
        "vms: [{name: web, protection: {vault: vault-main, state: IRPending}}]\n"
    )
    client = start(file)
    properties = client.get(client.item(), BACKUP).body["properties"]
    assert properties["lastBackupStatus"] == ""
    assert properties["lastBackupTime"] == "2001-01-01T00:00:00Z"
    assert "lastRecoveryPoint" not in properties
    client.back_up()
    assert client.get(client.item(), BACKUP).body["properties"]["protectionState"] == "Protected"


def test_collections_are_listed_with_an_upper_case_group(demo: Client) -> None:
    kind = "providers/Microsoft.Compute/restorePointCollections"
    everywhere = demo.get(f"{demo.scope}/{kind}").body["value"]
    here = demo.get(f"{demo.group('azurebackuprg_westeurope_1')}/{kind}").body["value"]
    assert all("/resourceGroups/AZUREBACKUPRG_WESTEUROPE_1/" in each["id"] for each in everywhere)
    assert all("/resourceGroups/AzureBackupRG_westeurope_1/" in each["id"] for each in here)
    assert "restorePoints" not in everywhere[0]["properties"]
    full = demo.get(everywhere[0]["id"], _expand="restorePoints").body["properties"]
    assert len(full["restorePoints"]) == 18
    point = full["restorePoints"][0]
    assert point["properties"]["timeCreated"]
    assert re.fullmatch(r"AzureBackup_\d{8}_\d{6}", point["name"])
    assert demo.get(point["id"]).body["name"] == point["name"]


def test_an_agent_that_is_ready_and_one_that_is_not(demo: Client) -> None:
    view = demo.get(f"{demo.vm('print', 'rg-office')}/instanceView").body
    assert view["vmAgent"]["statuses"][0]["displayStatus"] == "Ready"
    assert view["statuses"][1]["code"] == "PowerState/running"
    assert "time" not in view["statuses"][1]
    silent = demo.get(demo.vm("mail", "rg-office"), _expand="instanceView").body["properties"]
    assert silent["instanceView"]["vmAgent"] == {
        "vmAgentVersion": "Unknown",
        "statuses": [
            silent["instanceView"]["vmAgent"]["statuses"][0]
            | {"code": "ProvisioningState/Unavailable", "displayStatus": "Not Ready"}
        ],
    }
    off = demo.get(f"{demo.vm('test', 'rg-dev')}/instanceView").body
    assert "vmAgent" not in off
    assert "instanceView" not in demo.get(demo.vm("mail", "rg-office")).body["properties"]


def test_lists_of_machines(demo: Client) -> None:
    kind = "providers/Microsoft.Compute/virtualMachines"
    assert len(demo.get(f"{demo.scope}/{kind}").body["value"]) == 12
    assert len(demo.get(f"{demo.group('RG-DEV')}/{kind}").body["value"]) == 4
    brief = demo.get(f"{demo.scope}/{kind}", statusOnly="true").body["value"][0]["properties"]
    assert "instanceView" in brief
    assert "storageProfile" not in brief
    extensions = demo.get(f"{demo.vm('api', 'rg-shop')}/extensions").body["value"]
    assert extensions[0]["properties"]["provisioningState"] == "Deleting"


def test_headers_of_every_answer(demo: Client) -> None:
    answer = demo.call(
        "GET",
        demo.group("rg-shop"),
        RESOURCES,
        headers={"x-ms-client-request-id": "abc", "x-ms-return-client-request-id": "true"},
    )
    assert answer.headers["x-ms-client-request-id"] == "abc"
    assert answer.headers["x-ms-request-id"] == answer.headers["x-ms-correlation-request-id"]
    assert answer.headers["x-ms-routing-request-id"].startswith("WESTEUROPE:")
    assert int(answer.headers["x-ms-ratelimit-remaining-subscription-reads"]) < 250
    compute = demo.get(demo.vm("web", "rg-shop"))
    assert compute.headers["x-ms-ratelimit-remaining-resource"].startswith("Microsoft.Compute/")
    vault = demo.get(f"{demo.vault('vault-prod')}/backupPolicies", BACKUP)
    assert "x-ms-ratelimit-remaining-subscription-resource-requests" in vault.headers


def test_errors_name_what_is_missing(demo: Client) -> None:
    assert demo.get(demo.vm("nobody", "rg-shop")).code == "ResourceNotFound"
    assert demo.get(demo.vm("web", "rg-none")).code == "ResourceGroupNotFound"
    assert demo.get("/subscriptions/0/resourceGroups/x").code == "SubscriptionNotFound"
    assert demo.get(f"{demo.vault('none')}/backupJobs", BACKUP).code == "ResourceNotFound"
    kind = f"{demo.group('rg-shop')}/providers/Microsoft.Compute/somethings/x"
    assert demo.get(kind).code == "InvalidResourceType"
    assert demo.get(demo.group("rg-shop"), None).code == "MissingApiVersionParameter"
    assert demo.get(demo.group("rg-shop"), "soon").code == "InvalidApiVersionParameter"
    lock = f"{demo.scope}/providers/Microsoft.Authorization/locks/none"
    assert demo.get(lock, LOCKS).status == 404
    assert demo.get(demo.vm("nobody", "rg-shop")).headers["x-ms-failure-cause"] == "gateway"


def test_groups_and_resources(demo: Client) -> None:
    assert demo.call("HEAD", demo.group("rg-shop"), RESOURCES).status == 204
    assert demo.call("HEAD", demo.group("rg-none"), RESOURCES).status == 404
    names = {each["name"] for each in demo.get(f"{demo.scope}/resourcegroups").body["value"]}
    assert {"rg-shop", "AzureBackupRG_westeurope_1"} <= names
    vaults = demo.get(
        f"{demo.scope}/resources",
        RESOURCES,
        _filter="resourceType eq 'Microsoft.RecoveryServices/vaults'",
    ).body["value"]
    direct = demo.get(f"{demo.scope}/providers/Microsoft.RecoveryServices/vaults", BACKUP)
    assert len(vaults) == len(direct.body["value"]) == 2
    assert demo.get("/subscriptions", RESOURCES).body["value"][0]["tenantId"]
    assert demo.get("/tenants", RESOURCES).body["value"]


def test_backup_status_is_a_read(demo: Client) -> None:
    path = f"{demo.scope}/providers/Microsoft.RecoveryServices/locations/westeurope/backupStatus"
    body = {"resourceType": "VM", "resourceId": demo.vm("web", "rg-shop").upper()}
    answer = demo.call("POST", path, BACKUP, body=body).body
    assert answer["protectionStatus"] == "Protected"
    assert answer["vaultId"].endswith("/vaults/vault-prod")
    container = answer["containerName"].replace(";", "%3B")
    item = answer["protectedItemName"].replace(";", "%3B")
    found = demo.get(
        f"{answer['vaultId']}/backupFabrics/Azure/protectionContainers/{container}"
        f"/protectedItems/{item}",
        BACKUP,
    )
    assert found.status == 200
    body["resourceId"] = demo.vm("scratch", "rg-dev")
    unprotected = demo.call("POST", path, BACKUP, body=body).body
    assert unprotected["protectionStatus"] == "NotProtected"
    assert demo.cloud.writes() == []


def test_policies_and_containers(demo: Client) -> None:
    vault = demo.vault("vault-prod")
    policies = demo.get(f"{vault}/backupPolicies", BACKUP).body["value"]
    assert [each["name"] for each in policies] == ["Daily", "DailyEnhanced"]
    policy = demo.get(f"{vault}/backupPolicies/daily", BACKUP).body["properties"]
    assert policy["instantRpRetentionRangeInDays"] == 2
    assert policy["schedulePolicy"]["schedulePolicyType"] == "SimpleSchedulePolicy"
    container = demo.get(f"{vault}/backupProtectionContainers", BACKUP).body["value"][0]
    assert container["properties"]["containerType"] == "Microsoft.Compute/virtualMachines"


def test_an_old_restore_point_api_has_the_time_elsewhere(demo: Client) -> None:
    first = demo.collection()
    old = demo.get(first, "2021-03-01", _expand="restorePoints").body["properties"]
    assert "timeCreated" not in old["restorePoints"][0]["properties"]
    assert COMPUTE > "2021-03-01"
