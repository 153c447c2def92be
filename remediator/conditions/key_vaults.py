"""Conditions about the key vaults of an encrypted VM."""

from typing import Final

from remediator.conditions.condition import Condition, State
from remediator.facts import Facts, Known, Source, Unknown
from remediator.facts.key_access import Standing, encrypted_with_key, standing, who_is_asked


def _key_vault_access(facts: Facts) -> State | Unknown:
    match facts.key_vaults:
        case Unknown() as unknown:
            return unknown
        case Known(value=vaults, source=source):
            if not vaults:
                return State("not-encrypted", f"the VM's disks name no key vault ({source})")
            if closed := [vault.name for vault in vaults if vault.closed]:
                told = f"the firewall of {', '.join(closed)} keeps out Azure's trusted services"
                return State("closed", f"{told} ({source})")
            service = who_is_asked(facts)
            if isinstance(service, Unknown):
                return State("unnamed", service.reason)
            keys = encrypted_with_key(facts)
            found = {vault.name: standing(vault, service, keys=keys) for vault in vaults}
            return _of_all(found, service, source)


def _of_all(found: dict[str, Standing | Unknown], service: str, source: str) -> State | Unknown:
    """The state of all vaults together: the worst one counts."""
    if denied := [name for name, each in found.items() if each == "denied"]:
        told = f"a deny assignment takes access from {service} at {', '.join(denied)}"
        return State("denied", f"{told} ({source})")
    if lacking := [name for name, each in found.items() if each == "missing"]:
        told = f"{service} lacks the access that a backup needs at {', '.join(lacking)}"
        return State("missing", f"{told} ({source})")
    unclear = next((each for each in found.values() if isinstance(each, Unknown)), None)
    return unclear or State("granted", f"{service} has what a backup needs ({source})")


CONDITIONS: Final = (
    Condition(
        "key_vault_access",
        ("not-encrypted", "closed", "unnamed", "denied", "missing", "granted"),
        "Whether Azure Backup may read the keys and secrets of the VM's disks; `unnamed` until "
        "somebody gives the service's object id; `closed` if a vault's firewall blocks it; "
        "`denied` if a deny assignment does.",
        frozenset({Source.VM, Source.KEY_VAULTS}),
        _key_vault_access,
    ),
)
