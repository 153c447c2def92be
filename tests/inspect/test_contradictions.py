"""If one answer calls a thing absent and another shows it, the tool treats it as unknown."""

from pathlib import Path
from typing import Any

from tests.altered import fix_through, gone, rows, thing, when
from tests.between import Between
from tests.cut_short import cloud
from tests.evidence import scenario
from tests.inspect.estate import ALL, COLLECTION, MARKED

LOST = {"history": [{"at": "3h ago", "code": "ResourceNotFound"}]}

VM = "/virtualMachines/web"


def told(plan: dict[str, Any]) -> str:
    return " ".join(why for step in plan["steps"] for why in step["why"])


def test_a_vm_that_the_list_shows_is_not_gone(tmp_path: Path) -> None:
    with cloud(scenario(tmp_path, LOST)) as azure, Between(azure) as middle:
        middle.rules = [when("GET", VM, gone)]
        ended = fix_through(middle, azure, tmp_path, *ALL)
        assert azure.writes() == []
        assert azure.state()["items"][0]["state"] == "Protected"
        ended.check(3)
        assert "contradict" in ended.out


def test_a_vm_that_no_list_shows_either_is_gone(tmp_path: Path) -> None:
    """This shows that the result of the test above depends on the list alone."""
    with cloud(scenario(tmp_path, LOST)) as azure, Between(azure) as middle:
        middle.rules = [when("GET", VM, gone), when("GET", "/virtualMachines", rows(_none))]
        fix_through(middle, azure, tmp_path, *ALL).check(0)
        assert azure.state()["items"][0]["state"] == "ProtectionStopped"


def _none(_: dict[str, Any]) -> None:
    return None


def test_a_subscription_that_is_not_listed_tells_nothing_of_its_vms(tmp_path: Path) -> None:
    with cloud(scenario(tmp_path, LOST)) as azure, Between(azure) as middle:
        middle.rules = [when("GET", VM, gone), when("GET", "^/subscriptions", rows(_none))]
        ended = fix_through(middle, azure, tmp_path, *ALL)
        assert azure.writes() == []
        ended.check(3)
        assert "is not among those seen" in ended.out


def test_a_collection_that_the_list_shows_is_not_gone(tmp_path: Path) -> None:
    with cloud(scenario(tmp_path, MARKED)) as azure, Between(azure) as middle:
        middle.rules = [when("GET", COLLECTION, gone)]
        ended = fix_through(middle, azure, tmp_path, *ALL)
        assert azure.writes() == []
        ended.check(3)
        assert "answered 404, though" in ended.out


def test_a_collection_that_shows_no_point_is_not_deleted(tmp_path: Path) -> None:
    def emptied(body: dict[str, Any]) -> dict[str, Any]:
        return body | {"properties": body["properties"] | {"restorePoints": []}}

    with cloud(scenario(tmp_path, MARKED)) as azure, Between(azure) as middle:
        middle.rules = [when("GET", COLLECTION, thing(emptied))]
        ended = fix_through(middle, azure, tmp_path, *ALL)
        assert azure.writes() == []
        ended.check(3)
        assert "no restore point is shown" in ended.out


def test_a_stuck_collection_goes_where_nothing_contradicts(tmp_path: Path) -> None:
    with cloud(scenario(tmp_path, MARKED)) as azure, Between(azure) as middle:
        fix_through(middle, azure, tmp_path, *ALL).check(0)
        assert [w["method"] for w in azure.writes()] == ["DELETE", "POST"]
