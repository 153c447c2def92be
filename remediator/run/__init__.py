"""Applying a plan: stages, following, leases of locks, and the verdict."""
