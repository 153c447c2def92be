"""Playbooks as data: read, checked, indexed and explained."""
