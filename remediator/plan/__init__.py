"""From a job to a plan: the plan as a document, its signature, and the gate before a run."""
