"""Microsoft.RecoveryServices: vaults, items, jobs, recovery points, and the backup engine."""
