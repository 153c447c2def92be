"""An id that leads elsewhere or nowhere is no id. The tool holds each change that rests on it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.altered import fix_through, rows, thing, when
from tests.between import Between
from tests.command import SPEED
from tests.cut_short import cloud
from tests.evidence import DAY, scenario
from tests.inspect.estate import ALL, COLLECTION, KEEP, LOCKED, MARKED, Json

CONFIGURED = {
    "name": "web",
    "history": [
        {
            "at": "3h ago",
            "vault": "vault-main",
            "operation": "ConfigureBackup",
            "property_bag": {"Policy Name": "DefaultPolicy"},
            "code": "UserErrorVmProvisioningStateFailed",
        }
    ],
}
OTHER = "22222222-2222-2222-2222-222222222222"


def elsewhere(arm_id: str) -> str:
    return arm_id.replace(arm_id.split("/")[2], OTHER)


ODD: dict[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "one character": lambda _: "/",
    "a path upwards": lambda arm_id: f"{arm_id}/../../x",
    "a query": lambda arm_id: f"{arm_id}?x=1",
    "a line": lambda arm_id: f"{arm_id}\nDELETE /x",
    "too long": lambda arm_id: f"{arm_id}/more/parts",
    "another subscription": elsewhere,
}


def with_id(make: Callable[[str], str]) -> Callable[[Json], Json]:
    return lambda row: row | {"id": make(row["id"])}


def points_with_id(make: Callable[[str], str]) -> Callable[[Json], Json]:
    def made(body: Json) -> Json:
        points = body["properties"]["restorePoints"]
        odd = [point | {"id": make(point["id"]) or "-"} for point in points]
        return body | {"properties": body["properties"] | {"restorePoints": odd}}

    return made


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("what", ["/backupProtectedItems", "/restorePointCollections", "/locks"])
def test_what_is_listed_under_an_odd_id_holds(what: str, odd: str, tmp_path: Path) -> None:
    here = scenario(tmp_path, LOCKED, locks=[KEEP])
    with cloud(here, SPEED) as azure, Between(azure) as middle:
        middle.rules = [when("GET", what, rows(with_id(ODD[odd])))]
        ended = fix_through(middle, azure, tmp_path, "--allow", "destructive").check(3)
        assert azure.writes() == []
    assert "internal error" not in ended.out + ended.err


@pytest.mark.parametrize("odd", ODD)
def test_a_point_under_an_odd_id_is_not_deleted(odd: str, tmp_path: Path) -> None:
    with cloud(scenario(tmp_path, MARKED), SPEED) as azure, Between(azure) as middle:
        middle.rules = [when("GET", COLLECTION, thing(points_with_id(ODD[odd])))]
        ended = fix_through(middle, azure, tmp_path, *ALL).check(3)
        assert azure.writes() == []
    assert "without its own id" in ended.out


@pytest.mark.parametrize("odd", [*ODD, "upper case"])
def test_a_vm_is_not_protected_under_an_odd_id(odd: str, tmp_path: Path) -> None:
    make = ODD.get(odd, str.upper)
    here = tmp_path / "scenario.yaml"
    here.write_text(json.dumps(DAY | {"vms": [CONFIGURED]}), "utf-8")
    with cloud(here, SPEED) as azure, Between(azure) as middle:
        middle.rules = [when("GET", "/backupProtectableItems", rows(with_id(make)))]
        ended = fix_through(middle, azure, tmp_path, "--allow", "protection")
        # The same id in other casing is still the same id.
        assert [w["method"] for w in azure.writes()] == ["PUT"] * (odd == "upper case")
        assert ended.code == (0 if azure.writes() else 3), ended.err
    assert "internal error" not in ended.out + ended.err
