"""Scenarios: what the cloud looks like when it is switched on."""
