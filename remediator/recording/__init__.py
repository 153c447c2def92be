"""Azure's questions and answers, recorded and scrubbed: the data behind `remediate record`."""
