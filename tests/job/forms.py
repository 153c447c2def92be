"""The forms in which people paste a job, and texts that name none or several."""

import json
from typing import Any

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
NAME = "0b5c1a5e-0000-4000-8000-000000000000"
OTHER = "1c6d2b6f-0000-4000-8000-000000000000"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-backup"
VAULT = f"{GROUP}/providers/Microsoft.RecoveryServices/vaults/vault-main"
JOB = f"{VAULT}/backupJobs/{NAME}"
OTHER_JOB = f"{VAULT}/backupJobs/{OTHER}"
VM = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/web"
ENDPOINT = "https://arm.example.test:8443"

ENCODED = JOB.replace("/", "%2F")
MANAGEMENT = "https://management.azure.com"
PORTAL = "https://portal.azure.com"
BLADE = "#view/Microsoft_Azure_RecoveryServices/BackupJobDetailsBlade/id"
ROW = f"{NAME}  Backup  Failed  web  AzureIaasVM  2026-11-28T03:50:00.000000+00:00  0:10:00"
BODY = {
    "id": JOB,
    "name": NAME,
    "type": "Microsoft.RecoveryServices/vaults/backupJobs",
    "properties": {"status": "Failed", "activityId": OTHER},
}


def alert(**context: Any) -> str:
    """An alert as Azure Backup sends it (recorded): its job is a name and a protected item."""
    found = {
        "category": "Jobs",
        "protectedItemId": f"{VAULT}/backupFabrics/Azure/protectionContainers/C/protectedItems/I",
        "linkedResourceId": VM,
        "extendedInfo": {"jobId": NAME, "possibleCauses": None},
    } | context
    essentials = {
        "alertRule": "Backup Failure",
        "alertTargetIDs": [VAULT.lower()],
        "monitoringService": "Azure Backup",
    }
    data = {"essentials": essentials, "alertContext": found, "customProperties": None}
    return json.dumps({"schemaId": "azureMonitorCommonAlertSchema", "data": data})


BARE: dict[str, str] = {
    "a name": NAME,
    "braces": f"{{{NAME}}}",
    "quotes": f'"{NAME}"',
    "quotes and a comma": f'"{NAME}",',
    "quotes of a word processor": f"“{NAME}”",
    "quotes in Chinese": f"「{NAME}」",
    "brackets": f"[{NAME}]",
    "a JSON list": f'["{NAME}"]',
    "a mark of a chat program": f"\ufeff{NAME}\u200b",
    "the end of the id": f"backupJobs/{NAME}",
    "the end of the id in capitals": f"/BACKUPJOBS/{NAME}",
    "a row": ROW,
    "a row of PowerShell": f"web   Backup   Failed   11/28/2026 03:50:00   {NAME}",
    "a row of Markdown": f"| {NAME} | Backup | Failed |",
    "a row of CSV": f"{NAME},Backup,Failed,web",
    "a row of tabs": f"{NAME}\tBackup\tFailed",
    "a row with the VM's id": f"{VM}\t{NAME}",
    "JSON with the name only": json.dumps({"name": NAME, "status": "Failed"}),
    "JSON of PowerShell": json.dumps({"WorkloadName": "web", "JobId": NAME}),
    "an alert without a vault": json.dumps(
        {"data": {"essentials": {}, "alertContext": {"extendedInfo": {"jobId": NAME}}}}
    ),
}

WHOLE: dict[str, str] = {
    "an id": JOB,
    "an id with blanks and a slash": f"  {JOB}/\n",
    "a full stop": f"{JOB}.",
    "single quotes": f"'{JOB}'",
    "a line of JSON": f'  "{JOB}",',
    "no slash at the front": JOB[1:],
    "URL-encoded": ENCODED,
    "URL-encoded in small letters": ENCODED.replace("%2F", "%2f"),
    "a URL": f"{MANAGEMENT}{JOB}",
    "a URL with its version": f"{MANAGEMENT}{JOB}?api-version=2023-04-01",
    "a URL in angle brackets": f"<{MANAGEMENT}{JOB}>.",
    "a URL of a region": f"https://westeurope.management.azure.com{JOB}",
    "a URL in China": f"https://management.chinacloudapi.cn{JOB}",
    "a URL of the endpoint": f"{ENDPOINT}{JOB}",
    "a URL with an encoded sign": f"{MANAGEMENT}{JOB.replace('rg-backup', 'rg%2Dbackup')}",
    "the portal": f"{PORTAL}/{BLADE}/{ENCODED}",
    "the portal, with more values": f"{PORTAL}/?l=en{BLADE}/{ENCODED}/vaultId/"
    + VAULT.replace("/", "%2F"),
    "the portal, a resource": f"{PORTAL}/#@contoso.example/resource{JOB}",
    "the portal, a blade": f"{PORTAL}/#@contoso.example/resource{JOB}/overview",
    "the portal in China": f"https://portal.azure.cn/{BLADE}/{ENCODED}",
    "a row of ids": f"{JOB}\tFailed\t{OTHER}",
    "the same job twice": f"{JOB} {JOB.upper()}",
    "JSON": json.dumps(BODY),
    "JSON on several lines": json.dumps(BODY, indent=2),
    "JSON of a list": json.dumps([BODY]),
    "JSON of an answer": json.dumps({"value": [BODY]}),
    "an alert": alert(),
    "an alert with the id": alert(extendedInfo={"jobId": JOB}),
    "an alert that names its vault only as target": alert(protectedItemId=None),
}

SEEN = "az backup job list"
REFUSED: dict[str, tuple[str, str]] = {
    "nothing": ("", SEEN),
    "only quotes": ('""', SEEN),
    "a path for a name": (f'"../{NAME}"', SEEN),
    "a path for an id": (f"'{VAULT}/backupJobs/../{NAME}'", SEEN),
    "a line break": (f'"{JOB}\nX-Evil: 1"', SEEN),
    "a terminal escape": (f"{{{NAME}\x1b[2J}}", r"\x1b"),
    "reversed writing": (f"{NAME}\u202e", r"\u202e"),
    "reversed writing in JSON": (
        json.dumps({"id": JOB.replace("rg-backup", "rg\u202e")}),
        r"\u202e",
    ),
    "words": ("the backup of web failed", SEEN),
    "two jobs in a row": (f"{JOB} {OTHER_JOB}", f"--job-id {JOB} --job-id {OTHER_JOB} --dry-run"),
    "two names": (f"{NAME},{OTHER}", f"--job-id {NAME} --job-id {OTHER} --dry-run"),
    "an id within an id": (f"{JOB}{OTHER_JOB}", SEEN),
    "JSON of two jobs": (json.dumps([BODY, BODY | {"name": OTHER}]), "@FILE"),
    "JSON of no job": ("[]", SEEN),
    "JSON without an id": ("{}", "neither the id nor the name"),
    "JSON of a number": ("[1]", SEEN),
    "JSON that contradicts itself": (json.dumps(BODY | {"name": OTHER}), "2 different jobs"),
    "JSON of a VM": (json.dumps({"id": VM, "name": "web"}), f"remediate check --vm {VM}"),
    "JSON of another thing": (json.dumps({"name": NAME, "type": "X/disks"}), "neither the id"),
    "JSON of a name that is no GUID": (json.dumps({"name": "web-server-01"}), "neither the id"),
    "a vault": (f"'{VAULT}'", "--resource-group rg-backup --vault-name vault-main"),
    "a VM": (VM, f"remediate check --vm {VM}"),
    "a policy": (f"{VAULT}/backupPolicies/{NAME}", "vaults/backupPolicies"),
    "below a job": (f"{JOB}/operations/x", "backupJobs/operations"),
    "a URL of a VM": (f"{MANAGEMENT}{VM}?api-version=1", f"remediate check --vm {VM}"),
    "the portal's page of a VM": (
        f"{PORTAL}/#@contoso.example/resource{VM}/overview",
        f"remediate check --vm {VM}",
    ),
    "the portal's page of a vault": (
        f"{PORTAL}/#@contoso.example/resource{VAULT}/backupJobs",
        "--vault-name vault-main",
    ),
    "the portal alone": (PORTAL, SEEN),
    "the portal, two jobs": (
        f"{PORTAL}/{BLADE}/{ENCODED}/other/{OTHER_JOB.replace('/', '%2F')}",
        "2 jobs",
    ),
    "a URL with another job behind it": (f"{MANAGEMENT}{JOB}?x={OTHER_JOB}", "2 jobs"),
    "a stranger's URL": (f"https://evil.example{JOB}", "'evil.example'"),
    "a stranger's URL in a row": (f"https://evil.example{JOB} Failed", "'evil.example'"),
    "a host that only looks like Azure": (f"https://xportal.azure.com.example{JOB}", "no host"),
    "a host without its dot": (f"https://evilmanagement.azure.com{JOB}", "no host"),
    "a host behind a name": (f"https://management.azure.com@evil.example{JOB}", "no host"),
    "a name before the host": (f"https://me@management.azure.com{JOB}", "no host"),
    "another port": (f"{MANAGEMENT}:8443{JOB}", "no host"),
    "another port of the endpoint": (f"https://arm.example.test{JOB}", "no host"),
    "another scheme": (f"file://management.azure.com{JOB}", "no host"),
    "no port": (f"{MANAGEMENT}:x{JOB}", "is not a URL"),
    "an open bracket": (f"https://[management.azure.com{JOB}", "is not a URL"),
    "no scheme": (f"//management.azure.com{JOB}", SEEN),
    "encoded twice": (ENCODED.replace("%", "%25"), SEEN),
    "encoded twice in the portal": (f"{PORTAL}/{BLADE}/{ENCODED.replace('%', '%25')}", SEEN),
    "an encoded slash in a name": (f"{VAULT}/backupJobs/x%2F..%2F{NAME}", SEEN),
    "an encoded slash in a URL": (f"{MANAGEMENT}{JOB.replace('rg-backup', 'rg%2Fx')}", SEEN),
    "one encoded slash": (f"{VAULT}/backupJobs%2F{NAME}", SEEN),
    "one encoded slash in a URL": (f"{MANAGEMENT}{VAULT}/backupJobs%2F{NAME}", SEEN),
    "an encoded step upwards": (f"{MANAGEMENT}{JOB.replace('rg-backup', '%2E%2E')}", SEEN),
    "an encoded control": (f"{MANAGEMENT}{JOB.replace('rg-backup', 'rg%00')}", SEEN),
    "encoded rubbish": (f"{MANAGEMENT}{JOB.replace('rg-backup', 'rg%FF')}", SEEN),
    "a query without a host": (f"{JOB}?api-version=2023-04-01", SEEN),
    "an alert without a job": (alert(extendedInfo={"jobId": None}), "--vault-name vault-main"),
    "an alert of another service": (
        json.dumps({"data": {"essentials": {"monitoringService": "Platform"}}}),
        "the alert names no job",
    ),
    "an alert of two vaults": (
        alert(protectedItemId=VAULT.replace("main", "two") + "/backupFabrics/Azure"),
        "several vaults",
    ),
    "an alert with a path for a job": (alert(extendedInfo={"jobId": f"../{NAME}"}), "names no job"),
}
"""Text, and what the refusal says."""
