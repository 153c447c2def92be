"""The words of `when:`, one file per subject, found by being there: each tells its `FACTS`.

What a playbook's condition needs beyond one of these becomes a new one here, where it is tested
and documented; playbooks have no expressions.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Final

from remediator.words.named import NamedFact, Word

__all__ = ["NAMED", "NamedFact", "Word"]


def _discovered() -> dict[str, NamedFact]:
    found: dict[str, NamedFact] = {}
    for module in pkgutil.iter_modules(__path__):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        facts: tuple[NamedFact, ...] = getattr(loaded, "FACTS", ())
        for fact in facts:
            if fact.name in found:
                raise TypeError(f"two facts are called {fact.name!r}")
            found[fact.name] = fact
    return found


NAMED: Final[Mapping[str, NamedFact]] = _discovered()
