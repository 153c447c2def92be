"""What is written down of runs and decisions: journal, audit trail, and the records read back."""
