"""Multi-user authorization: a Resource Guard protects critical changes of a vault."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.altered import rows, through, when
from tests.between import Between
from tests.evidence import fix, results, scenario, sent
from tests.guarding import dry, kinds, refused

GUARD = (
    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-guards/providers/"
    "Microsoft.DataProtection/resourceGuards/guard-main"
)
GONE = {"exists": False, "history": [{"at": "3h ago", "code": "ResourceNotFound"}]}
ALLOW = ("--allow", "protection")
PROXIES = "/backupResourceGuardProxies"
ITEM = "/protectedItems/[^/]*"
ADVICE = "ask the owner of its Resource Guard for the role Backup MUA Operator"


def guarded(folder: Path, **rest: Any) -> AbstractContextManager[SimulatorProcess]:
    """A VM that is gone, in a vault with a guard."""
    guard = {"name": "guard-main", **rest.pop("guard", {})}
    vaults = [{"name": "vault-main", "resource_guard": guard}]
    path = scenario(folder, GONE, vaults=vaults, **rest)
    return SimulatorProcess(path, time="stepped", step=30)


def test_a_critical_change_is_held_before_it_is_tried(tmp_path: Path) -> None:
    with guarded(tmp_path) as azure:
        told = refused(azure, tmp_path, *ALLOW, guard="resource-guard", says=(GUARD,))
        assert azure.state()["items"][0]["state"] == "Protected"
    human = told["steps"][-1]
    assert human["kind"] == "manual"
    for text in (GUARD, "Backup MUA Operator", f"{GUARD}/stopProtectionRequests/default"):
        assert text in human["why"][0]
    [command] = human["commands"]
    assert command.startswith("az backup protection disable ")


@pytest.mark.parametrize(
    ("code", "protection"),
    [
        ("ResourceNotFound", {}),
        ("UserErrorBcmDatasourceNotPresent", {"state": "ProtectionStopped"}),
        ("UserErrorBcmDatasourceNotPresent", {"deleted": "1d ago"}),
    ],
    ids=["backed up", "resumed", "brought back"],
)
def test_a_change_that_is_not_critical_asks_for_no_guard(
    tmp_path: Path, code: str, protection: dict[str, str]
) -> None:
    vaults = [{"name": "vault-main", "resource_guard": "guard-main"}]
    web = {
        "protection": {"vault": "vault-main", **protection},
        "history": [
            {
                "at": "9d ago",
                "operation": "ConfigureBackup",
                "status": "Completed",
                "property_bag": {"Policy Name": "DefaultPolicy"},
            },
            {"at": "3h ago", "code": code},
        ],
    }
    with SimulatorProcess(scenario(tmp_path, web, vaults=vaults), time="stepped") as azure:
        assert set(kinds(dry(azure, tmp_path, *ALLOW))) == {"change"}
        assert sent(azure, "GET", PROXIES) == []


def test_a_guard_that_leaves_this_operation_out_holds_nothing(tmp_path: Path) -> None:
    with guarded(tmp_path, guard={"protects": ["delete", "policies"]}) as azure:
        fix(azure, tmp_path, *ALLOW).check(0)
        assert azure.state()["items"][0]["state"] == "ProtectionStopped"


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_guard_that_cannot_be_read_is_known_by_its_refusal(tmp_path: Path, status: int) -> None:
    unread = {
        "kind": "error",
        "method": "GET",
        "path": f"{PROXIES}$",
        "times": None,
        "status": status,
        "code": "AuthorizationFailed",
    }
    with guarded(tmp_path, faults=[unread]) as azure:
        ended = fix(azure, tmp_path, *ALLOW).check(3)
        check_understood(azure, tmp_path, ended.out)


def test_an_approval_without_rights_is_understood_too(tmp_path: Path) -> None:
    """The refusal of Azure Resource Manager's check of linked resources."""
    linked = {
        "kind": "error",
        "method": "PUT",
        "path": "/protectedItems/",
        "status": 403,
        "code": "LinkedAuthorizationFailed",
        "message": "The client does not have permission to perform action(s) "
        f"'Microsoft.DataProtection/resourceGuards/read' on the linked scope(s) '{GUARD}'.",
    }
    with guarded(tmp_path, guard={"protects": []}, faults=[linked]) as azure:
        ended = fix(azure, tmp_path, *ALLOW).check(3)
        check_understood(azure, tmp_path, ended.out)
    assert "grant the identity access to the linked resource" not in ended.out


def check_understood(azure: SimulatorProcess, folder: Path, told: str) -> None:
    """Check that a refusal was told with its remedy, and was not tried again."""
    assert ADVICE in " ".join(told.split())
    assert len(sent(azure, "PUT", ITEM)) == 1
    assert results(folder) == ["failed"]
    assert azure.state()["items"][0]["state"] == "Protected"


def without(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Leave a field of the proxy out, or of each of its operations."""

    def change(row: dict[str, Any]) -> dict[str, Any]:
        properties = row["properties"]
        properties.pop(name, None)
        for each in properties.get("resourceGuardOperationDetails", ()):
            each.pop(name, None)
        return row

    return change


@pytest.mark.parametrize(
    ("field", "held"),
    [
        ("resourceGuardOperationDetails", False),
        ("vaultCriticalOperation", False),
        ("resourceGuardResourceId", True),
        ("defaultResourceRequest", True),
    ],
)
def test_only_a_named_operation_is_held(tmp_path: Path, field: str, held: bool) -> None:
    with guarded(tmp_path) as azure, Between(azure) as middle:
        middle.rules = [when("GET", PROXIES, rows(without(field)))]
        arguments = ("--job-id", azure.failed_jobs("web")[-1], *ALLOW, "--dry-run")
        plan = through(middle, azure, tmp_path, *arguments).json()
    assert kinds(plan) == (["held", "manual"] if held else ["change"])


def test_another_refusal_is_not_taken_for_a_guard(tmp_path: Path) -> None:
    other = {
        "kind": "error",
        "method": "PUT",
        "path": "/protectedItems/",
        "status": 403,
        "code": "AuthorizationFailed",
        "message": "no authorization over scope '/subscriptions/S/resourceGroups/resourceGuards'",
    }
    path = scenario(tmp_path, GONE, faults=[other])
    with SimulatorProcess(path, time="stepped", step=30) as azure:
        ended = fix(azure, tmp_path, *ALLOW).check(3)
    assert "multi-user" not in ended.out
