"""Microsoft.KeyVault: the vaults of the keys of encrypted machines."""
