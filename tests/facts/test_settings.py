"""Facts that only a person knows: how they are given, checked, and kept with a plan."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from remediator.azure.clouds import CLOUDS, Cloud
from remediator.errors import BadInputError
from remediator.facts import Readings, Unknown
from remediator.facts.key_access import who_is_asked
from remediator.facts.settings import Settings
from remediator.job.job import Subject
from remediator.simulator.process import SimulatorProcess
from tests.command import STEP, Ended, environment, remediate

SERVICE = "55555555-5555-5555-5555-555555555555"
FLAG = "--backup-service-object-id"
SCENARIO = """
vaults: [{name: vault-main}]
key_vaults: [{name: kv1, group: rg-keys, rbac: true}]
vms:
  - name: web
    encryption: {key_vault: kv1}
    protection: {vault: vault-main}
    scheduled_backup: 3h ago
"""


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[SimulatorProcess]:
    path = tmp_path / "scenario.yaml"
    path.write_text(SCENARIO)
    with SimulatorProcess(path, time="stepped", step=STEP) as started:
        yield started


def plan(azure: SimulatorProcess, folder: Path, *options: str, **env: str) -> Ended:
    return remediate(
        *("plan", "--job-id", azure.failed_jobs("web")[0], "--format", "json", *options),
        env=environment(azure, folder) | env,
        cwd=folder,
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("backup", "is not a GUID"),
        ("55555555-5555-5555-5555-55555555555", "is not a GUID"),
        (f"{SERVICE}' -o /x", "is not a GUID"),
    ],
)
def test_an_object_id_is_a_guid(
    azure: SimulatorProcess, tmp_path: Path, said: str, told: str
) -> None:
    ended = plan(azure, tmp_path, FLAG, said).check(64)
    assert told in ended.err
    assert azure.writes() == []


def test_the_applications_own_id_is_not_its_object_id_in_a_tenant() -> None:
    with pytest.raises(BadInputError, match="az ad sp show --id"):
        Settings.told(SERVICE.upper(), SERVICE, None)


def test_the_environment_tells_it_too(azure: SimulatorProcess, tmp_path: Path) -> None:
    made = plan(azure, tmp_path, REMEDIATE_BACKUP_SERVICE_OBJECT_ID=SERVICE.upper()).check(0).json()
    assert made["settings"]["backup_service"] == SERVICE
    assert made["steps"][0]["why"][0] == "its impact is security: needs --allow security"


def test_a_file_that_merely_lies_there_names_nobody(
    azure: SimulatorProcess, tmp_path: Path
) -> None:
    """Otherwise a stranger's file could say who gets access to a key vault."""
    (tmp_path / "remediate.toml").write_text(f'backup-service-object-id = "{SERVICE}"')
    ended = plan(azure, tmp_path, "--allow", "security").check(64)
    assert "is read only from a file that --config names" in ended.err


def test_a_saved_plan_grants_to_whom_it_was_made_for_once_that_is_said_again(
    azure: SimulatorProcess, tmp_path: Path
) -> None:
    """A file alone cannot say who gets access to a key vault. A signed file can."""
    file, key = tmp_path / "plan.json", tmp_path / "key"
    stranger = "66666666-6666-6666-6666-666666666666"
    env = environment(azure, tmp_path) | {"REMEDIATE_BACKUP_SERVICE_OBJECT_ID": stranger}
    remediate("keys", "new", str(key), env=env).check(0)
    options = ("--out", str(file), "--allow", "security", FLAG, SERVICE, "--sign", str(key))
    made = plan(azure, tmp_path, *options).check(0).json()
    apply = ("apply", str(file), "--yes", "--format", "json")
    refused = remediate(*apply, "--allow", "security", env=env).check(4)
    assert f"add {FLAG} {SERVICE} to apply" in refused.err
    assert azure.writes() == []
    remediate(*apply, "--verify", f"{key}.pub", env=env).check(0)
    [assigned] = azure.state()["role_assignments"]
    assert assigned["principal"] == SERVICE
    assert made["steps"][0]["target"].lower() == assigned["id"].lower()


def test_the_same_grant_has_the_same_name(azure: SimulatorProcess, tmp_path: Path) -> None:
    options = ("--allow", "security", FLAG, SERVICE)
    first, second = (plan(azure, tmp_path, *options).json() for _ in range(2))
    assert first["steps"][0]["request"] == second["steps"][0]["request"]


def test_nothing_that_is_in_a_key_vault_is_ever_asked_for(
    azure: SimulatorProcess, tmp_path: Path
) -> None:
    plan(azure, tmp_path, "--allow", "security", FLAG, SERVICE).check(0)
    paths = [r["path"].lower() for r in azure.requests() if "keyvault" in r["path"].lower()]
    assert paths
    assert all("/secrets" not in path and "/keys" not in path for path in paths), json.dumps(paths)


@pytest.mark.parametrize("cloud", CLOUDS.values(), ids=CLOUDS)
def test_the_service_is_asked_for_by_its_application_never_by_a_name(cloud: Cloud) -> None:
    """Anybody can give an application of their own the service's display name."""
    now = datetime(2026, 1, 2, tzinfo=UTC)
    subject = Subject(
        subscription="S", vm_name="web", vm_id=None, vault=None, container=None, now=now, since=now
    )
    settings = Settings.told(None, cloud.backup_app_id, None)
    asked = who_is_asked(Readings(subject=subject, settings=settings))
    assert isinstance(asked, Unknown)
    assert asked.reason.endswith(f"az ad sp show --id {cloud.backup_app_id} --query id -o tsv")
