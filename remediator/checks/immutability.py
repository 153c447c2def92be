"""Whether the vault refuses to delete backup data ("Immutable vault for Azure Backup")."""

from typing import Final

from remediator.checks.check import Answer, Area, Check, failed, left_open, passed, unknown
from remediator.facts import Readings, Source, Unknown
from remediator.language import marked

_IMMUTABLE: Final = ("unlocked", "locked")


def _mutable(about: Readings) -> Answer:
    if isinstance(about.immutability, Unknown):
        return unknown(about.immutability.reason)
    state, source = about.immutability.value, about.immutability.source
    vault = about.subject.vault.name if about.subject.vault else ""
    if state.lower() == "disabled":
        return passed("vault {vault} is not immutable", source, vault=vault)
    if state.lower() not in _IMMUTABLE:
        return left_open("vault {vault} says {state}", source, vault=vault, state=state)
    return failed(
        "vault {vault} is immutable ({state}): it refuses to delete backup data, and to keep it "
        "for a shorter time",
        source,
        marked("Stop a protection and keep its data; the vault allows that."),
        vault=vault,
        state=state,
    )


CHECKS: Final = (
    Check(
        "vault-mutable",
        Area.PROTECTION,
        "The vault lets backup data be deleted",
        frozenset({Source.IMMUTABILITY}),
        _mutable,
        only_by_name=True,
    ),
)
