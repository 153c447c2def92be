"""Subscriptions, resource groups and management locks."""
