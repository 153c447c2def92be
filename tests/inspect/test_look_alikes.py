"""Among similar names, the tool takes only the exact VM."""

from typing import Any

from remediator.inspect.collections import is_backups_of
from tests.any_value import SUBSCRIPTION


def test_among_hundreds_of_names_that_look_alike_only_the_exact_vm_is_meant() -> None:
    """`web` is a prefix of `web1`. `WEB` is `web`. Two VMs called `web` differ by their groups."""
    alike = ["web", "web1", "web-1", "web_1", "web01", "web11", "1web", "we", "web.", "xweb"]
    alike += [f"web{n}" for n in range(200)] + [f"web-{n:03}" for n in range(200)]
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"

    def row(vm_id: str, name: str = "AzureBackup_web_123") -> dict[str, Any]:
        return {"name": name, "properties": {"source": {"id": vm_id}}}

    def vm_id(name: str, group: str = group) -> str:
        return f"{group}/providers/Microsoft.Compute/virtualMachines/{name}"

    mine = vm_id("web")
    found = [name for name in dict.fromkeys(alike) if is_backups_of(row(vm_id(name)), mine)]
    assert found == ["web"]
    assert is_backups_of(row(vm_id("WEB").upper()), mine)
    assert is_backups_of(row(mine, "azurebackup_WEB_1"), mine)
    assert not is_backups_of(row(vm_id("web", group + "1")), mine)
    assert not is_backups_of(row(vm_id("web", group.replace("1111-", "2222-", 1))), mine)
    assert not is_backups_of(row(mine, "customer-web"), mine)
    assert not is_backups_of(row(mine + "/extensions/x"), mine)
    collection = f"{group}/providers/Microsoft.Compute/restorePointCollections/web"
    assert not is_backups_of(row(collection), collection)
    for broken in ({}, {"name": "AzureBackup_web"}, row(""), {"name": 1, "properties": []}):
        assert not is_backups_of(broken, mine)
