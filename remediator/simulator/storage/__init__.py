"""Microsoft.Storage: the accounts that restores and old disks need. They can only be read."""
