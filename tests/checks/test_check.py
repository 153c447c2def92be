"""`remediate check` from outside: what it finds on simulated VMs, and which requests it sends."""

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from remediator.checks import all_checks
from remediator.simulator.process import SimulatorProcess
from tests.checks.proofs import PROVES
from tests.command import environment, remediate
from tests.places import DATA
from tests.round_trips import LATENCY, round_trips

CASES: list[dict[str, Any]] = YAML(typ="safe").load(
    (DATA / "checks.yaml").read_text(encoding="utf-8")
)

NEVER = {("private-address", "fail")}
"""A static address is set on the platform, or only inside the guest. No read shows the second."""

NAMES = [c.name for c in all_checks() if not c.of_restore and not c.only_by_name]


@pytest.fixture(scope="module")
def azure() -> Iterator[SimulatorProcess]:
    with SimulatorProcess("healthy", time="stepped") as cloud:
        yield cloud


def scenario(case: dict[str, Any], folder: Path) -> Path:
    """The cloud of a case. Its VM is protected unless the case says otherwise."""
    web = {"name": "web", "protection": {"vault": "vault-main"}} | case["vm"]
    vms = [{k: v for k, v in web.items() if v is not None}, *case.get("others", [])]
    vaults = [{"name": name} for name in ("vault-main", *case.get("vaults", []))]
    vaults[0] |= {"policies": [{"name": "DefaultPolicy"} | case.get("policy", {})]}
    said = {"vaults": vaults, "vms": vms, "principal": {"denied": case.get("denied", [])}}
    said |= {k: case[k] for k in ("locks", "storage_accounts", "key_vaults") if k in case}
    path = folder / "scenario.yaml"
    path.write_text(json.dumps(said), encoding="utf-8")
    return path


def vm_id(azure: SimulatorProcess, name: str = "web") -> str:
    group = f"/subscriptions/{azure.subscriptions[0]}/resourceGroups/rg-app"
    return f"{group}/providers/Microsoft.Compute/virtualMachines/{name}"


def told(finding: dict[str, Any]) -> str:
    return str(finding["text"]).format_map(finding["values"])


@pytest.mark.parametrize("case", [pytest.param(c, id=c["name"]) for c in CASES])
def test_case(case: dict[str, Any], azure: SimulatorProcess, tmp_path: Path) -> None:
    azure.reload(scenario(case, tmp_path))
    options = ["--vm", vm_id(azure), "--format", "json", *case.get("options", [])]
    found = remediate("check", *options, env=environment(azure, tmp_path)).check(case["exit"])
    findings = {f["check"]: f for f in found.json()["findings"]}
    assert list(findings) == NAMES
    expected = dict.fromkeys(NAMES, case["all"]) if "all" in case else {}
    expected |= case.get("expect", {})
    status = {name: findings[name]["status"] for name in expected}
    assert status == expected, [told(findings[n]) for n in status if status[n] != expected[n]]
    for name, text in case.get("says", {}).items():
        assert text in told(findings[name])
    for finding in findings.values():
        assert (finding["advice"] != "") == (finding["status"] == "fail"), finding
        assert finding["evidence"] or finding["status"] == "unknown", finding
    assert found.err == ""
    assert azure.writes() == []
    assert {request["method"] for request in azure.requests()} == {"GET"}


def test_every_check_is_seen_to_pass_to_fail_and_to_be_unknown() -> None:
    seen = {(name, status) for c in CASES for name, status in c.get("expect", {}).items()}
    seen |= {(name, c["all"]) for c in CASES for name in NAMES if "all" in c}
    seen |= {("network-platform", "fail")}  # it has a test of its own below
    wanted = {(name, status) for name in NAMES for status in ("pass", "fail", "unknown")}
    assert wanted - seen == NEVER
    assert set(PROVES.values()) <= set(NAMES)


def test_fourteen_requests_in_four_round_trips(tmp_path: Path) -> None:
    with SimulatorProcess("limit-reached", latency=LATENCY) as azure:
        env = environment(azure, tmp_path)
        remediate("check", "--vm", vm_id(azure), env=env).check(3)
        requests = azure.requests()
    asked = [f"{r['path'].lower()} {sorted(r['query'].items())}" for r in requests]
    assert len(set(asked)) == len(asked)
    assert len(asked) <= 14, "\n".join(asked)
    assert round_trips(requests) <= 4, "\n".join(
        f"{r['arrived_order']}-{r['answered_order']} {r['path']}" for r in requests
    )


def test_a_rule_may_not_keep_the_agent_from_the_platform(
    azure: SimulatorProcess, tmp_path: Path
) -> None:
    azure.reload(scenario({"vm": {}}, tmp_path))
    group = vm_id(azure).split("/Microsoft.Compute/")[0] + "/Microsoft.Network"
    url = f"{azure.url}{group}/networkSecurityGroups/web-nsg/securityRules/no-platform"
    properties = {
        "direction": "Outbound",
        "priority": 200,
        "access": "Deny",
        "destinationAddressPrefix": "168.63.129.16",
    }
    request = urllib.request.Request(  # noqa: S310 - the simulator's address
        f"{url}?api-version=2023-09-01",
        data=json.dumps({"properties": properties}).encode(),
        method="PUT",
        headers={"Authorization": f"Bearer {azure.token}", "Content-Type": "application/json"},
    )
    urllib.request.urlopen(request).close()  # noqa: S310 - the same
    env = environment(azure, tmp_path)
    found = remediate("check", "--vm", vm_id(azure), "--format", "json", env=env).check(3)
    findings = {f["check"]: f for f in found.json()["findings"]}
    assert findings["network-platform"]["status"] == "fail"
    assert "no-platform" in told(findings["network-platform"])


def test_a_vm_is_found_by_its_name(azure: SimulatorProcess, tmp_path: Path) -> None:
    others = [{"name": "web", "group": "rg-two"}, {"name": "db"}]
    azure.reload(scenario({"vm": {}, "others": others}, tmp_path))
    env = environment(azure, tmp_path)
    subscription = azure.subscriptions[0]

    several = remediate("check", "--vm", "WEB", env=env).check(64)
    assert len(several.err.splitlines()) == 1
    assert "rg-app" in several.err
    assert "rg-two" in several.err

    one = remediate("check", "--vm", "db", "--format", "json", env=env).check(3).json()
    assert one["vm"].lower() == vm_id(azure, "db").lower()
    asked = ["--vm", "web", "-g", "rg-two", "--format", "json"]
    assert "rg-two" in remediate("check", *asked, env=env).check(3).json()["vm"]
    named = [*asked, "--subscription", subscription]
    assert "rg-two" in remediate("check", *named, env=env).check(3).json()["vm"]

    azure.fault(
        "error", path="/providers/Microsoft.Compute/virtualMachines", times=None, status=403
    )
    unread = remediate("check", "--vm", "db", env=env).check(64)
    assert "not all could be read" in unread.err
    azure.clear_faults()
    assert "no VM nobody" in remediate("check", "--vm", "nobody", env=env).check(64).err
    for odd in ("a/b", "..", "", "/subscriptions/S/resourceGroups/G", "web?x=1"):
        said = remediate("check", "--vm", odd, env=env).check(64)
        assert len(said.err.splitlines()) == 1
    assert azure.writes() == []


def test_of_two_vaults_the_active_one_counts_unless_one_is_named(
    azure: SimulatorProcess, tmp_path: Path
) -> None:
    old = {"vault": "vault-a", "state": "ProtectionStopped"}
    others = [{"name": "web", "protection": {"vault": "vault-main"}}]
    case = {"vm": {"protection": old}, "others": others, "vaults": ["vault-a", "vault-b"]}
    azure.reload(scenario(case, tmp_path))
    env = environment(azure, tmp_path)
    asked = ["check", "--vm", vm_id(azure), "--format", "json"]
    found = remediate(*asked, env=env).check(0).json()
    assert found["schema_version"] == "1"
    assert found["vault"].endswith("/vault-main")
    assert ["/vault-a; " in note for note in found["notes"]] == [True]

    def chosen(vault: str) -> tuple[str, str]:
        other = remediate(*asked, "--vault", vault, env=env).check(3).json()
        [protected] = [f for f in other["findings"] if f["check"] == "protected"]
        assert protected["status"] == "fail"
        return other["vault"], told(protected)

    for vault in ("VAULT-A", found["vault"].replace("vault-main", "vault-a")):
        name, text = chosen(vault)
        assert name.endswith("/vault-a")
        assert "ProtectionStopped" in text
    assert chosen("vault-b")[0].endswith("/vault-b")
    assert "no vault nope" in remediate(*asked, "--vault", "nope", env=env).check(64).err
    assert azure.writes() == []


def test_a_missing_part_of_the_network_makes_its_check_unknown(
    azure: SimulatorProcess, tmp_path: Path
) -> None:
    azure.reload(scenario({"vm": {}}, tmp_path))
    gone = {"status": 404, "code": "ResourceNotFound", "message": "gone", "times": None}
    azure.fault("error", path="/networkSecurityGroups/", **gone)
    env = environment(azure, tmp_path)
    found = remediate("check", "--vm", vm_id(azure), "--format", "json", env=env).check(0)
    [out] = [f for f in found.json()["findings"] if f["check"] == "network-platform"]
    assert out["status"] == "unknown"
    assert "networkSecurityGroups/web-nsg" in told(out)


def test_what_cannot_be_asked_at_all_is_an_error(azure: SimulatorProcess, tmp_path: Path) -> None:
    azure.reload(scenario({"vm": {}}, tmp_path))
    env = environment(azure, tmp_path) | {"AZURE_ACCESS_TOKEN": "nonsense"}
    said = remediate("check", "--vm", vm_id(azure), env=env).check(1)
    assert said.out == ""


def test_the_schema_knows_what_is_printed(azure: SimulatorProcess, tmp_path: Path) -> None:
    env = environment(azure, tmp_path)
    schema = remediate("schema", "check", env=env).check(0).json()
    azure.reload(scenario({"vm": {}}, tmp_path))
    env = environment(azure, tmp_path)
    found = remediate("check", "--vm", vm_id(azure), "--format", "json", env=env).json()
    assert set(found) == set(schema["properties"])
    finding = schema["$defs"]["Finding"]
    assert all(set(each) == set(finding["properties"]) for each in found["findings"])
    assert set(schema["$defs"]["Status"]["enum"]) >= {f["status"] for f in found["findings"]}


@pytest.mark.parametrize("columns", ["40", "80", "160"])
def test_hostile_texts_are_shown_as_text_and_lines_fit(
    azure: SimulatorProcess, tmp_path: Path, columns: str
) -> None:
    bad = "\x1b[2J\x1b]0;pwned\x07[bold red]x[/] {text} {0} \u202efoo\r\nnext"
    extension = {"name": "VMSnapshot", "state": "failed", "message": bad}
    agent = {"state": "ready", "message": bad}
    lock = {"name": "keep {id} [red]", "scope": "vm:web", "level": "ReadOnly", "notes": bad}
    vm = {"extensions": [extension], "agent": agent, "os_name": bad}
    azure.reload(scenario({"vm": vm, "locks": [lock]}, tmp_path))
    env = environment(azure, tmp_path) | {"COLUMNS": columns}
    out = remediate("check", "--vm", vm_id(azure), env=env).check(3).out
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", out)
    if columns == "160":
        assert "\\x1b[2J\\x1b]0;pwned\\x07[bold red]x[/] {text} {0}" in out
        assert "keep {id} [red]" in out
    wide = [line.split() for line in out.splitlines() if len(line) > int(columns)]
    assert all(words[-1].startswith("/subscriptions/") and len(words) <= 2 for words in wide), wide


def test_a_catch_all_shows_what_the_checks_find(azure: SimulatorProcess, tmp_path: Path) -> None:
    history = [{"at": "3h ago", "code": "BackUpOperationFailed"}]
    azure.reload(scenario({"vm": {"cpu": 97, "history": history}}, tmp_path))
    env = environment(azure, tmp_path)
    asked = ["--job-id", azure.failed_jobs("web")[-1], "--dry-run"]
    plan = remediate(*asked, "--format", "json", env=env).json()
    status = {f["check"]: f["status"] for f in plan["findings"]}
    assert status["cpu"] == "fail"
    assert status["agent-ready"] == "pass"
    assert "97 %" in remediate(*asked, env=env).out
    assert azure.writes() == []
