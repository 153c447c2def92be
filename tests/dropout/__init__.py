"""Leaving out: each field that the tool reads of Azure's answers is left out for a whole run.

A field that Azure may not send must not be able to hold a remedy. No field that is left out may
make the tool do more. `python -m tests.dropout` plays it, and `docs/fields.md` has the figures.
"""
