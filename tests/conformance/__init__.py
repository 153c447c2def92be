"""Outside judges: programs by others, which are run against the simulator and its traffic.

`python -m tests.conformance` runs them and writes `docs/conformance.md`. They install large
packages and take minutes, so pytest does not collect them.
"""
