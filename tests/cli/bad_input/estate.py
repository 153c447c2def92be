"""The cloud for bad input: it has a job of each kind. Also a job's name that it does not have."""

from remediator.simulator.process import SimulatorProcess

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
VAULT = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-backup/providers/"
    "Microsoft.RecoveryServices/vaults/vault-main"
)
NAME = "0b5c1a5e-0000-4000-8000-000000000000"
"""The name of a job that no vault has."""
JOB = f"{VAULT}/backupJobs/{NAME}"

SCENARIO = {
    "vaults": [
        {"name": "vault-main", "group": "rg-backup"},
        {"name": "vault-other", "group": "rg-other"},
        {"name": "vault-closed", "group": "rg-closed"},
    ],
    "vms": [
        {
            "name": "odd",
            "protection": {"vault": "vault-main"},
            "history": [
                {
                    "at": "3h ago",
                    "code": "UserErrorQuantumFluxMisaligned",
                    "message": "The flux is not aligned.",
                    "recommendations": ["Align the flux.", "Then back up again."],
                }
            ],
        },
        {"name": "moving", "protection": {"vault": "vault-main"}, "history": [
            {"at": "1h ago", "status": "InProgress", "ends": "in 3h"}]},
        {"name": "fine", "protection": {"vault": "vault-main"}, "scheduled_backup": "3h ago"},
        {"name": "sql", "protection": {"vault": "vault-main"}, "history": [
            {"at": "3h ago", "type": "AzureWorkloadJob", "code": "UserErrorSQL"}]},
        {"name": "gone", "exists": False, "protection": {"vault": "vault-main"},
         "scheduled_backup": "3h ago"},
        {"name": "left", "protection": {"vault": "vault-main", "state": "ProtectionStopped"},
         "history": [{"at": "3h ago", "code": "UserErrorGuestAgentStatusUnavailable"}]},
        {"name": "stuck", "protection": {"vault": "vault-main"},
         "extensions": [{"name": "VMSnapshot", "state": "failed"}],
         "collection": {"points": {"count": 2}}, "scheduled_backup": "3h ago"},
        {"name": "shut", "protection": {"vault": "vault-closed"}, "history": [
            {"at": "3h ago", "code": "BackUpOperationFailed"}]},
    ],
    "principal": {
        "denied": [
            {
                "action": "Microsoft.RecoveryServices/vaults/backupJobs/read",
                "scope": "vault:vault-closed",
            }
        ]
    },
}  # fmt: skip

WRAPPINGS = {
    "quotes": '"{id}",',
    "the name in braces": "{{{name}}}",
    "a URL": "https://management.azure.com{id}?api-version=2023-04-01",
    "a row": "{name}  Backup  Failed  odd  AzureIaasVM  2026-11-28T03:50:00+00:00  0:10:00",
    "JSON": '{{"id": "{id}", "name": "{name}", "properties": {{"status": "Failed"}}}}',
}
"""The forms in which people paste a job, each with places for its `id` and its `name`."""


def job_of(azure: SimulatorProcess, vm: str) -> str:
    """The id of the newest job of a VM."""
    return str(azure.state()["jobs"][vm][-1]["id"])
