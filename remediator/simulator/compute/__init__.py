"""Microsoft.Compute: virtual machines, extensions, restore point collections."""
