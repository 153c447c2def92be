"""Moments, written for people."""

from datetime import datetime


def shown(moment: datetime | None) -> str:
    """A moment to the minute, in UTC as Azure tells it."""
    return f"{moment:%Y-%m-%d %H:%M}Z" if moment else "an unknown time"
