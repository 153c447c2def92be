"""A part of the benchmark: what it measures, and what it says."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.how import How


class NotMeasuredError(Exception):
    """A part cannot be measured on this machine. The message says why."""


@dataclass(frozen=True, slots=True)
class Part:
    """One section of the page."""

    name: str
    """The name for `--only`."""
    title: str
    measure: Callable[[How], str]
    """Measures, and returns the section's text in Markdown."""
