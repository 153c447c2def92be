"""What failed: the job, its failure, and the dictionary of codes and texts."""
