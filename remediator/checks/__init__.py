"""The health checks, one file per subject. Every file of this package is found by its `CHECKS`."""

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache

from remediator.checks.check import Answer, Area, Check, Finding, Status, passed
from remediator.facts import Consistency, Known, Readings, Source

__all__ = ["Finding", "Status", "all_checks", "check_names", "needed", "run_checks"]


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check, by area, in the order of Microsoft's article.

    Raises:
        TypeError: two checks have one name.
    """
    found: dict[str, Check] = {}
    for module in pkgutil.iter_modules(__path__):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        checks: tuple[Check, ...] = getattr(loaded, "CHECKS", ())
        for check in checks:
            if check.name in found:
                raise TypeError(f"two checks are called {check.name!r}")
            found[check.name] = check
    order = list(Area)
    return tuple(sorted(found.values(), key=lambda check: order.index(check.area)))


def check_names() -> frozenset[str]:
    """The names with which a playbook may ask for checks."""
    return frozenset(check.name for check in all_checks())


def needed(names: Iterable[str] | None = None) -> frozenset[Source]:
    """The sources for these checks.

    Without names: for all checks, except those that only a playbook asks.
    """
    return frozenset[Source]().union(*(check.needs for check in _chosen(names)))


def run_checks(about: Readings, names: Iterable[str] | None = None) -> tuple[Finding, ...]:
    """The findings of these checks. Without names: of all that anybody may ask."""
    return tuple(_finding(check, about) for check in _chosen(names))


def _chosen(names: Iterable[str] | None) -> tuple[Check, ...]:
    if names is None:
        return tuple(c for c in all_checks() if not c.of_restore and not c.only_by_name)
    wanted = frozenset(names)
    return tuple(check for check in all_checks() if check.name in wanted)


def _not_needed(check: Check, about: Readings) -> Answer | None:
    """The answer of a check of the agent, if the policy is known to take its points without it."""
    match about.policy:
        case Known(value=policy, source=source) if (
            check.of_agent and policy.consistency is Consistency.CRASH
        ):
            return passed(
                "not needed: the policy takes crash-consistent points, without agent", source
            )
        case _:
            return None


def _finding(check: Check, about: Readings) -> Finding:
    answer = _not_needed(check, about) or check.look(about)
    return Finding(
        check=check.name,
        area=check.area.value,
        title=check.title,
        status=answer.status,
        text=answer.text,
        values=answer.values,
        evidence=answer.evidence,
        advice=answer.advice,
    )
