"""The durable engine: the only package that imports DBOS. It is loaded when a run begins.

docs/reliability.md tells what it is used for, and under which conditions.
"""
