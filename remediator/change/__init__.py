"""What can be changed in Azure, and how it is said: operations, steps, the port of the writer."""
