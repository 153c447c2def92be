"""Proving playbooks: the case files, and the run of each case on the local Azure."""
