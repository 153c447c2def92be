"""Conditions about the key vaults of an encrypted VM."""

from typing import Final

from remediator.conditions.condition import Condition, State
from remediator.facts import Absent, Facts, Known, Source, Unknown
from remediator.facts.key_access import Standing, encrypted_with_key, standing, who_is_asked


def _key_vault_access(facts: Facts) -> State | Unknown:
    match facts.key_vaults:
        case Unknown() as unknown:
            return unknown
        case Absent(source=source):
            return State("absent", f"a key vault of the VM's disks does not exist ({source})")
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


def _lost_key_vault(facts: Facts) -> State:
    match facts.lost_key_vaults:
        case Unknown(reason=reason):
            return State("unclear", f"lost key vaults are not known: {reason}")
        case Known(value=lost, source=source):
            if gone := [f"{each.name}: {each.problem}" for each in lost if each.problem]:
                return State("gone", f"{'; '.join(gone)} ({source})")
            if lost:
                names = ", ".join(each.name for each in lost)
                return State("recoverable", f"deleted, and can be recovered: {names} ({source})")
            return State("none", f"no key vault that the VM's disks name is missing ({source})")


CONDITIONS: Final = (
    Condition(
        "key_vault_access",
        ("not-encrypted", "absent", "closed", "unnamed", "denied", "missing", "granted"),
        "Whether Azure Backup may read the keys and secrets of the VM's disks; `unnamed` until "
        "somebody gives the service's object id; `closed` if a vault's firewall blocks it; "
        "`denied` if a deny assignment does; `absent` if a vault does not exist.",
        frozenset({Source.VM, Source.KEY_VAULTS}),
        _key_vault_access,
    ),
    Condition(
        "lost_key_vault",
        ("none", "recoverable", "gone", "unclear"),
        "Key vaults that the VM's disks name and that do not exist: `recoverable` if each of them "
        "is listed as deleted, `gone` if one is not or cannot come back; `unclear` if this cannot "
        "be read.",
        frozenset({Source.VM, Source.LOST_KEY_VAULTS}),
        _lost_key_vault,
    ),
)
