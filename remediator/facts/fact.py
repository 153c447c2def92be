"""What a fact is: known, known to be absent, or unknown; each with its evidence."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not known, with the reason. It must never be taken for `False` or for "none"."""

    reason: str


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """A fact as read: the value, the request that read it, and Azure's time of the answer."""

    value: T
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Absent:
    """Known to be absent: Azure was asked, and answered so."""

    source: str
    at: datetime


Fact = Known[T] | Unknown
Thing = Known[T] | Absent | Unknown
"""A fact about one resource, which may not exist."""
