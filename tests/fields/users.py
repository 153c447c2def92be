"""Who needs each field: the conditions of `when:`, actions, guards and checks, by module."""

from dataclasses import dataclass
from typing import Final

from remediator.actions import discovered
from remediator.checks import all_checks
from remediator.conditions import CONDITIONS
from remediator.facts import Source
from remediator.guards import attempts, opt_out, places
from remediator.guards.limits import Limits, OptOut
from remediator.inspect import _LOOKS

PURPOSES: Final = {
    "azure/answers": "whether an answer can be read at all",
    "azure/reader": "every list, page by page; the vaults of a subscription",
    "azure/transport": "reading an answer whole, within bounds",
    "azure/retry": "how long to wait before the next look",
    "azure/policies": "Azure's own time, by which ages are told",
    "azure/ratelimit": "the pace of the requests",
    "azure/writer": "following a change that was sent",
    "azure/discovery": "following the discovery of containers",
    "azure/errors": "what Azure refused, and why",
    "run/follow": "finding the job of the backup that was begun, and following it",
    "facts/protection": "which disks an item takes along",
    "inspect/error_details": "the errors of a job",
    "inspect/policy_schedule": "when a policy runs, for clean_up and restore_points",
    "inspect/whose": "which VM a job of a list is about",
    "inspect/permissions": "the guard that looks whether the identity may do it",
    "inspect/policy_rule": "what a policy demands, for tag_demands",
    "the SDK": "following a long-running operation",
}
"""Modules that read for another purpose than a source of facts."""

_ASKED = Limits(subscriptions=("s",), groups=("g",), opt_out=OptOut(), opt_out_named=True)
"""Limits for which every guard must look."""


@dataclass(frozen=True)
class Users:
    """The names of everything that needs a source."""

    words: tuple[str, ...]
    actions: tuple[str, ...]
    guards: tuple[str, ...]
    checks: tuple[str, ...]


def sources(module: str) -> list[Source]:
    """The sources that a module of `inspect` reads."""
    return [
        s
        for s, look in _LOOKS.items()
        if look.__module__ == f"remediator.{module.replace('/', '.')}"
    ]


def users(source: Source) -> Users:
    """The names of everything that needs this source."""
    guards = {
        "attempts": attempts.needs(),
        "only": places.needs(_ASKED),
        "opt-out": opt_out.needs(_ASKED, to_apply=True),
    }
    return Users(
        tuple(sorted(fact.name for fact in CONDITIONS.values() if source in fact.sources)),
        tuple(sorted(name for name, it in discovered().items() if source in it.needs)),
        tuple(sorted(name for name, needs in guards.items() if source in needs)),
        tuple(sorted(c.name for c in all_checks() if source in c.needs)),
    )
