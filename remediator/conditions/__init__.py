"""The conditions that `when:` may name. Each subject has one file, and every file is found.

Each file has its `CONDITIONS`. If a playbook needs more, a new condition is added here, tested and
documented. Playbooks have no expressions.
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
