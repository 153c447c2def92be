"""A condition about the regions of the VM and its vault."""

from typing import Final

from remediator.conditions.condition import Condition, State
from remediator.facts import Absent, Facts, Known, Source, Unknown
from remediator.job.restore_needs import same_region


def _vault_region(facts: Facts) -> State | Unknown:
    match facts.vm, facts.vault_place:
        case (Unknown() as unknown, _) | (_, Unknown() as unknown):
            return unknown
        case (Absent(source=source), _) | (_, Absent(source=source)):
            return Unknown(f"404 on {source}")
        case Known(value=vm, source=source), Known(value=region, source=other):
            told = f"the VM is in {vm.location} ({source}), the vault in {region} ({other})"
            return State("same" if same_region(vm.location, region) else "other", told)


CONDITIONS: Final = (
    Condition(
        "vault_region",
        ("same", "other"),
        "Whether the vault is in the VM's region.",
        frozenset({Source.VM, Source.VAULT_PLACE}),
        _vault_region,
    ),
)
