"""The assumptions about Azure. Each is judged by recorded answers.

Each subject has one file, and every file is found by its `ASSUMPTIONS`. `assess` judges them all.
"""

import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache

from remediator.assumptions.assumption import Area, Assumption, Judged, Verdict, judge
from remediator.assumptions.seen import Seen
from remediator.recording.pair import Pair

__all__ = ["Area", "Assumption", "Judged", "Verdict", "all_assumptions", "assess"]


@cache
def all_assumptions() -> tuple[Assumption, ...]:
    """Every assumption, by area.

    Raises:
        TypeError: two have one name.
    """
    found: dict[str, Assumption] = {}
    for module in pkgutil.iter_modules(__path__):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        told: tuple[Assumption, ...] = getattr(loaded, "ASSUMPTIONS", ())
        for assumption in told:
            if assumption.name in found:
                raise TypeError(f"two assumptions are called {assumption.name!r}")
            found[assumption.name] = assumption
    order = list(Area)
    return tuple(sorted(found.values(), key=lambda each: order.index(each.area)))


def assess(pairs: Sequence[Pair]) -> tuple[Judged, ...]:
    """The verdict on every assumption, from these requests and answers alone."""
    seen = Seen(pairs)
    return tuple(judge(assumption, seen) for assumption in all_assumptions())
