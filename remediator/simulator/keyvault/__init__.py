"""Microsoft.KeyVault: the vaults with the keys of encrypted machines."""
