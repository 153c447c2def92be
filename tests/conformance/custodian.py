"""Cloud Custodian: its policies find and change things in the simulator.

It knows four fixed clouds. The wrapper changes only the addresses of one of them to ours.
"""

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from remediator.simulator.process import SimulatorProcess
from tests.conformance import install
from tests.conformance.verdict import Verdict

ESTATE = Path(__file__).with_name("estate.yaml")

WRAPPER = """
import os
from msrestazure import azure_cloud
ends = azure_cloud.AZURE_PUBLIC_CLOUD.endpoints
ends.resource_manager = ends.active_directory = os.environ["CONFORMANCE_ENDPOINT"]
from c7n.cli import main
main()
"""

POLICIES = """
- name: locked-groups
  resource: azure.resourcegroup
  filters: [{type: resource-lock, lock-type: CanNotDelete}]
- name: dark-machines
  resource: azure.vm
  filters:
    - type: instance-view
      key: statuses[].code
      op: in
      value_type: swap
      value: PowerState/deallocated
- name: linux-machines
  resource: azure.vm
  filters: [{type: value, key: properties.storageProfile.osDisk.osType, value: Linux}]
- name: vaults
  resource: azure.recovery-services
- name: lock-it
  resource: azure.vm
  filters: [{type: value, key: name, value: plain}]
  actions: [{type: lock, lock-type: CanNotDelete, lock-name: custodian}]
- name: stop-it
  resource: azure.vm
  filters: [{type: value, key: name, value: plain}]
  actions: [{type: stop}]
"""

FOUND = {
    "locked-groups": ["AzureBackupRG_westeurope_1"],
    "dark-machines": ["dark"],
    "linux-machines": ["api", "plain"],
    "vaults": ["vault-main", "vault-other"],
    "lock-it": ["plain"],
    "stop-it": ["plain"],
}


def _run(cloud: SimulatorProcess, folder: Path) -> str:
    """Run all policies and return the output."""
    (folder / "wrapper.py").write_text(WRAPPER, encoding="utf-8")
    with (folder / "policies.yaml").open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump({"policies": YAML(typ="safe").load(POLICIES)}, file)
    kept = {k: v for k, v in os.environ.items() if not re.match("(?i)AZURE_|.*_proxy", k)}
    ours = {
        "AZURE_ACCESS_TOKEN": cloud.token,
        "AZURE_SUBSCRIPTION_ID": cloud.subscriptions[0],
        "AZURE_TENANT_ID": cloud.tenant_id,
        "CONFORMANCE_ENDPOINT": cloud.url,
        "HOME": str(folder),
        "REQUESTS_CA_BUNDLE": cloud.ca_file or "",
    }
    done = subprocess.run(
        [
            str(install.custodian()),
            str(folder / "wrapper.py"),
            *("run", "-s", str(folder / "out"), "--cache-period", "0"),
            str(folder / "policies.yaml"),
        ],
        env=kept | ours,
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    return done.stderr


def judge() -> Verdict:
    """Check that every policy finds and changes what it should."""
    wrong: list[str] = []
    with (
        SimulatorProcess(ESTATE, https=True, time="fast", speed=10) as cloud,
        tempfile.TemporaryDirectory() as home,
    ):
        said = _run(cloud, Path(home))
        for policy, wanted in FOUND.items():
            file = Path(home) / "out" / policy / "resources.json"
            rows: list[dict[str, Any]] = json.loads(file.read_text()) if file.exists() else []
            if (found := sorted(row["name"] for row in rows)) != wanted:
                wrong.append(f"{policy} finds {found}, not {wanted}: {said[-600:]}")
        state = cloud.state()
        if not any(lock["id"].endswith("/custodian") for lock in state["locks"]):
            wrong.append("its lock is not there")
        cloud.advance(600)
        power = next(vm["power"] for vm in cloud.state()["vms"] if vm["name"] == "plain")
        if power != "deallocated":
            wrong.append(f"the machine that it stopped is {power}")
    return Verdict(
        f"Cloud Custodian {install.C7N} with c7n_azure {install.C7N_AZURE}",
        "policies that find locked groups, machines by their state, and vaults; a lock and a stop",
        f"{len(FOUND)} policies",
        wrong,
        [f"- {name}: {', '.join(found)}" for name, found in FOUND.items()],
    )
