"""The durable engine: the only package that imports DBOS. Loaded where a run begins, not before.

What it is used for, and under which conditions: docs/reliability.md.
"""
