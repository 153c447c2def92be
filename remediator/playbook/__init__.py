"""Playbooks as data: read, checked, put into an index, explained."""
