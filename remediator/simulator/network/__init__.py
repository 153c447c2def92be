"""Microsoft.Network: the interfaces, security groups and networks of the machines."""
