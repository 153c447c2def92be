"""Scenarios: the state of the cloud when the simulator starts."""
