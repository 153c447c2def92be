"""`python -m tests.chaos`: many remediations, while everything around them fails.

The simulator's own log and final state are the judge, not what the tool says of itself; what it
says counts only where a promise is to *name* something.
"""
