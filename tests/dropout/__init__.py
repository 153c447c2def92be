"""The drop-out suite: each field that the tool reads is left out of all answers in a run.

A field that Azure may not send must not be able to hold a remedy. A missing field must never make
the tool do more. `python -m tests.dropout` plays the suite. `docs/fields.md` has the figures.
"""
