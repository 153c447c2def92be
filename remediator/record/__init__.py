"""What is written down of runs and decisions: journal, audit trail, and reading records back."""
