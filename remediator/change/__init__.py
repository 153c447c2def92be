"""The changes that are possible in Azure: operations, steps, and the port of the writer."""
