"""Microsoft.Storage: accounts that restores and old disks need; to be read."""
