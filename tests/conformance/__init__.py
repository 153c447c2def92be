"""Outside judges: programs that others wrote, run against the simulator and its traffic.

`python -m tests.conformance` runs them and writes `docs/conformance.md`. They install large things
and take minutes, so pytest does not collect them.
"""
