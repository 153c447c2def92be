"""`python -m tests.chaos`: many remediations, while everything around them fails.

The judge uses the simulator's own log and final state. It does not believe the tool, with one
exception: where the tool promises to *name* something, the judge reads the tool's words.
"""
