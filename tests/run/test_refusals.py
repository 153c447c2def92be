"""The reason for a refused change may have its own remedy: the report names it, and it works."""

from pathlib import Path

from remediator.simulator.process import SimulatorProcess
from tests.command import STEP, environment, remediate

# Azure's clean-up has failed. Somebody reads the points that a deletion would free.
SCENARIO = """
vaults: [{name: vault-main, policies: [{name: DefaultPolicy, instant_days: 16}]}]
vms:
  - name: web
    protection: {vault: vault-main}
    collection:
      group: AzureBackupRG_westeurope_1
      points: {count: 18, newest: 1d ago, sas: 18}
    backup: {cleanup: broken}
    history:
      - {at: 9h ago, code: UserErrorRpCollectionLimitReached, user_triggered: true}
      - {at: 1h ago, code: UserErrorRpCollectionLimitReached}
"""


def test_a_point_that_somebody_reads_leads_to_the_remedy_for_that(tmp_path: Path) -> None:
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text(SCENARIO)
    with SimulatorProcess(scenario, time="stepped", step=STEP) as azure:
        env = environment(azure, tmp_path)
        common = ("--job-id", azure.failed_jobs("web")[0], "--format", "json", "--yes")
        consent = ("--allow", "destructive", "--allow", "security")
        refused = remediate(*common, *consent, env=env).check(3).json()
        assert [o["result"] for o in refused["outcomes"]][:2] == ["failed", "not-reached"]
        [advice] = [line for line in refused["next"] if "has its own remedy" in line]
        assert advice.endswith("--error-code DiskRestorePointUsedByCustomer")
        code = advice.rsplit(" ", 1)[-1]
        cured = remediate(*common, *consent, "--error-code", code, env=env).check(0).json()
        assert cured["verdict"]["ending"] == "recovered"
