"""Proving playbooks: case files, and how each case is run on the local Azure."""
