"""For each of these causes of docs/coverage.md: the check that finds it."""

PROVES = {
    "P01": "other-backup",
    "P02": "vm-provisioning",
    "P03": "agent-ready",
    "P04": "extensions",
    "P05": "backup-extension",
    "P10": "agent-heard",
    "P16": "backup-extension-listed",
    "P17": "cpu",
    "P18": "agent-allowed",
    "P19": "job-idle",
    "P20": "agent-version",
    "P21": "policy-load",
    "P22": "private-address",
    "P23": "durations",
    "P25": "consistency",
    "P26": "job-idle",
}
