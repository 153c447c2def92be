"""The vault's protection of the VM: its item, its policy, its recovery points."""

from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime

from remediator.value import Value


class ProtectedItem(Value):
    """The VM as its vault protects it."""

    id: str
    name: str
    state: str
    policy_id: str | None
    vm_id: str | None
    deleted: bool
    """Soft-deleted. Then every remaining point counts as needed."""
    last_backup_status: str
    last_point: AwareDatetime | None = None
    """When its newest recovery point was made. None when the item does not tell."""
    last_backup: AwareDatetime | None = None
    """When its last ended backup began. None when the item does not tell."""
    policy_type: str | None = None
    """`V1` for a Standard policy, `V2` for an Enhanced one. None when the item does not tell."""
    extended: dict[str, Any] | None = None
    """`extendedProperties` as read. So the parts that are not understood go back unchanged."""

    @property
    def disk_choice(self) -> tuple[tuple[int, ...], bool]:
        """The named LUNs, and whether a backup takes only these (True) or omits them (False)."""
        chosen = (self.extended or {}).get("diskExclusionProperties")
        chosen = chosen if isinstance(chosen, dict) else {}
        luns = chosen.get("diskLunList")
        named = tuple(lun for lun in luns if isinstance(lun, int)) if isinstance(luns, list) else ()
        return named, chosen.get("isInclusionList") is True

    def takes(self, lun: int) -> bool:
        """Whether a backup includes the data disk of this LUN."""
        named, only_these = self.disk_choice
        return (lun in named) == only_these


class PolicyChoice(Value):
    """The policy for protecting this VM."""

    chosen: str | None
    """The policy that the VM had, or was to have, if the vault still has it. None: a person
    chooses."""
    because: str
    policies: tuple[str, ...]
    """All policies of the vault for VMs."""


class Neighbours(Value):
    """The VMs that the vault backs up with one policy, and therefore at the same time."""

    policy_id: str
    count: int
    """The number of VMs, this VM included."""


class Tier(StrEnum):
    """The place of a recovery point's data."""

    INSTANT = "instant"
    VAULT = "vault"
    ARCHIVE = "archive"


class RecoveryPoint(Value):
    """A recovery point as the vault lists it."""

    id: str | None = None
    """None when the list does not tell it."""
    time: AwareDatetime
    consistency: str
    valid: frozenset[Tier]
    """Tiers whose status is Valid. A status or tier that is not understood is left out."""
    in_use: bool
    """Whether a file recovery session is open on its instant copy."""

    @property
    def in_both(self) -> bool:
        """Whether both its snapshot and its copy in the vault are proved valid."""
        return self.valid >= {Tier.INSTANT, Tier.VAULT}
