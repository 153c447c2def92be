"""The conditions that `when:` may name, one file per subject, found by being there.

Each file has its `CONDITIONS`. What a playbook needs beyond them becomes a new one here, where it
is tested and documented; playbooks have no expressions.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Final

from remediator.conditions.condition import Condition, State

__all__ = ["CONDITIONS", "Condition", "State"]


def _discovered() -> dict[str, Condition]:
    found: dict[str, Condition] = {}
    for module in pkgutil.iter_modules(__path__):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        facts: tuple[Condition, ...] = getattr(loaded, "CONDITIONS", ())
        for fact in facts:
            if fact.name in found:
                raise TypeError(f"two facts are called {fact.name!r}")
            found[fact.name] = fact
    return found


CONDITIONS: Final[Mapping[str, Condition]] = _discovered()
