"""Locks hold what they should hold, and no longer after they are gone."""

from urllib.parse import quote

from .client import BACKUP, LOCKS
from .conftest import Start

LOCK = "/providers/Microsoft.Authorization/locks"


def test_lists_show_what_is_at_the_scope_and_below(start: Start) -> None:
    client = start("limit-reached-protected-locks")
    group = client.group("azurebackuprg_WESTEUROPE_1")

    def names(scope: str, **query: str) -> set[str]:
        rows = client.get(scope + LOCK, LOCKS, **query).body["value"]
        return {row["name"] for row in rows}

    assert names(client.scope) == {"keep-all", "managed"}
    assert names(group) == {"managed"}
    assert names(group, _filter="atScope()") == {"keep-all", "managed"}
    assert names(client.collection()) == set()
    quoted = "/" + quote(group, safe="")
    assert names(quoted) == {"managed"}
    assert names(quoted.removeprefix("/%2F").join(["/", ""])) == {"managed"}


def test_put_get_delete(start: Start) -> None:
    client = start("healthy")
    path = f"{client.vm()}{LOCK}/mine"
    body = {"properties": {"level": "ReadOnly", "notes": "why", "owners": []}}
    assert client.call("PUT", path, LOCKS, body=body).status == 201
    assert client.call("PUT", path, LOCKS, body=body).status == 200
    found = client.get(path, "2016-09-01").body
    assert found["properties"] == {"level": "ReadOnly", "notes": "why"}
    assert found["id"].endswith("/locks/mine")
    refused = client.call("POST", f"{client.vm()}/restart")
    assert (refused.status, refused.code) == (409, "ScopeLocked")
    assert "cannot perform write operation" in refused.body["error"]["message"]
    assert client.delete(path, LOCKS).status == 200
    assert client.delete(path, LOCKS).status == 204
    assert client.get(path, LOCKS).status == 404
    assert client.call("POST", f"{client.vm()}/restart").status == 202


def test_a_lock_without_a_level_is_refused(start: Start) -> None:
    client = start("healthy")
    path = f"{client.vm()}{LOCK}/mine"
    assert client.call("PUT", path, LOCKS, body={"properties": {}}).status == 400


def test_cannot_delete_holds_deletes_below_and_nothing_else(start: Start) -> None:
    client = start("limit-reached")
    refused = client.delete(client.collection())
    assert (refused.status, refused.code) == (409, "ScopeLocked")
    scope = client.group("AzureBackupRG_westeurope_1")
    assert f"following scope(s) are locked: '{scope}'" in refused.body["error"]["message"]
    assert client.trigger().status == 202
    assert client.call("POST", f"{client.vm()}/restart").status == 202


def test_a_read_only_vault_takes_no_backup(start: Start) -> None:
    client = start("healthy")
    body = {"properties": {"level": "ReadOnly"}}
    client.call("PUT", f"{client.group('rg-backup')}{LOCK}/frozen", LOCKS, body=body)
    assert client.trigger().code == "ScopeLocked"
    assert client.get(client.item(), BACKUP).status == 200


def test_a_deleted_lock_holds_until_that_has_got_around(start: Start) -> None:
    client = start("limit-reached-delayed-cleanup")
    path = f"{client.group('AzureBackupRG_westeurope_1')}{LOCK}/keep"
    assert client.delete(path, LOCKS).status == 200
    assert client.get(path, LOCKS).status == 404
    assert client.delete(client.collection()).code == "ScopeLocked"
    client.cloud.advance(89)
    assert client.delete(client.collection()).code == "ScopeLocked"
    client.cloud.advance(1)
    assert client.delete(client.collection()).status == 202


def test_a_managed_applications_lock_stays(start: Start) -> None:
    client = start("limit-reached-protected-locks")
    path = f"{client.group('AzureBackupRG_westeurope_1')}{LOCK}/managed"
    refused = client.delete(path, LOCKS)
    assert refused.status == 403
    assert "system application owns it" in refused.body["error"]["message"]
    owners = client.get(path, LOCKS).body["properties"]["owners"]
    assert owners == [{"applicationId": "55555555-5555-5555-5555-555555555555"}]


def test_what_the_principal_may_not_do(start: Start) -> None:
    client = start("permission-denied")
    path = f"{client.group('AzureBackupRG_westeurope_1')}{LOCK}/keep"
    refused = client.delete(path, LOCKS)
    assert (refused.status, refused.code) == (403, "AuthorizationFailed")
    message = refused.body["error"]["message"]
    assert "action 'Microsoft.Authorization/locks/delete'" in message
    assert f"over scope '{path}'" in message
    assert client.get(path, LOCKS).status == 200
    inside = f"{client.group('rg-app')}/providers/Microsoft.Compute/restorePointCollections/x"
    assert client.get(inside).code == "AuthorizationFailed"
    assert client.get(client.collection()).status == 200


def test_a_collection_with_many_points_needs_several_deletes(start: Start) -> None:
    client = start("limit-reached-slow-cleanup")
    collection = client.collection()
    outcomes = []
    for _ in range(3):
        accepted = client.delete(collection)
        assert accepted.headers["azure-asyncnotification"] == "Enabled"
        operation = accepted.headers["azure-asyncoperation"]
        assert len(operation) > 2000
        assert "monitor=true" in accepted.headers["location"]
        assert client.get(operation).body["status"] == "InProgress"
        assert client.get(collection).body["properties"]["provisioningState"] == "Deleting"
        client.cloud.advance(90)
        outcomes.append(client.get(operation).body["status"])
        monitor = client.get(accepted.headers["location"])
        assert monitor.status == (200 if outcomes[-1] == "Succeeded" else 409)
    assert outcomes == ["Failed", "Failed", "Succeeded"]
    assert client.delete(collection).status == 204


def test_power(start: Start) -> None:
    client = start("extension-stuck")
    for verb, state in [("powerOff", "stopped"), ("deallocate", "deallocated")]:
        client.call("POST", f"{client.vm()}/{verb}")
        busy = client.get(client.vm()).body["properties"]["provisioningState"]
        assert busy == "Updating"
        client.cloud.advance(60)
        view = client.get(f"{client.vm()}/instanceView").body
        assert view["statuses"][1]["code"] == f"PowerState/{state}"
    refused = client.delete(f"{client.vm()}/extensions/VMSnapshot")
    assert (refused.status, refused.code) == (409, "OperationNotAllowed")
    assert client.call("POST", f"{client.vm()}/restart").status == 409
    assert client.call("POST", f"{client.vm()}/start").status == 202
    client.cloud.advance(60)
    assert client.delete(f"{client.vm()}/extensions/VMSnapshot").status == 202


def test_permissions_say_what_is_denied(start: Start) -> None:
    client = start("permission-denied")

    def denied(scope: str) -> list[str]:
        path = f"{scope}/providers/Microsoft.Authorization/permissions"
        role = client.get(path, "2022-04-01").body["value"][0]
        assert role["actions"] == ["*"]
        return list(role["notActions"])

    assert denied(client.scope) == ["Microsoft.Authorization/locks/delete"]
    assert len(denied(client.group("rg-app"))) == 2
