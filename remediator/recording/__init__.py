"""What Azure was asked and what it answered, scrubbed: the data behind `remediate record`."""
