"""Figures for the page: medians with their spread, and tables."""

import statistics
from collections.abc import Iterable, Sequence


def median(values: Iterable[float]) -> float:
    """The median."""
    return statistics.median(values)


def spread(values: Sequence[float], digits: int = 1) -> str:
    """A median, with the least and the greatest value: `5.1 (4.9 to 5.6)`."""
    middle = f"{median(values):,.{digits}f}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown. All columns but the first are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def reached(value: float, wanted: float, unit: str = "") -> str:
    """Whether a value is as low as wanted: `at most 2.2: yes`."""
    return f"at most {wanted:g}{unit}: {'yes' if value <= wanted else 'no'}"
