"""The failed job, its failure, and the dictionary of known codes and texts."""
