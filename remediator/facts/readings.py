"""The facts that were read about one VM."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Self

from remediator import ids
from remediator.facts.attempts import Attempt
from remediator.facts.collections import Collection, DiskPoint, Point
from remediator.facts.enhanced import EnhancedPolicies
from remediator.facts.fact import Absent, Fact, Known, Thing, Unknown
from remediator.facts.groups import Group, TagDemands
from remediator.facts.interfaces import Interface
from remediator.facts.key_vaults import KeyVault, LostKeyVault
from remediator.facts.locks import Lock
from remediator.facts.machine import Cpu, Disk, Vm, Whereabouts
from remediator.facts.policy import Policy
from remediator.facts.protection import (
    Neighbours,
    PolicyChoice,
    ProtectedItem,
    RecoveryPoint,
)
from remediator.facts.resource_guards import GuardProxy
from remediator.facts.settings import NOTHING_TOLD, Settings
from remediator.facts.source import OF_THE_VM, Source
from remediator.ids import subscription_of
from remediator.job.job import JobRow, Subject
from remediator.job.restore_needs import Network, Provider, StorageAccount, Usage

_NOT_READ: Final = Unknown("not read")
_FIELDS: Final = tuple((source, source.value) for source in Source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """The facts that were read about one VM. A source that nobody needs stays unread."""

    subject: Subject
    vm: Thing[Vm] = _NOT_READ
    locks: Fact[tuple[Lock, ...]] = _NOT_READ
    collections: Fact[tuple[Collection, ...]] = _NOT_READ
    points: Fact[tuple[Point, ...]] = _NOT_READ
    item: Thing[ProtectedItem] = _NOT_READ
    policy: Thing[Policy] = _NOT_READ
    recovery_points: Fact[tuple[RecoveryPoint, ...]] = _NOT_READ
    jobs: Fact[tuple[JobRow, ...]] = _NOT_READ
    other_jobs: Fact[tuple[JobRow, ...]] = _NOT_READ
    other_items: Fact[tuple[ProtectedItem, ...]] = _NOT_READ
    whereabouts: Fact[Whereabouts] = _NOT_READ
    policy_choice: Fact[PolicyChoice] = _NOT_READ
    protectable: Thing[str] = _NOT_READ
    disks: Fact[tuple[Disk, ...]] = _NOT_READ
    disk_points: Fact[tuple[DiskPoint, ...]] = _NOT_READ
    groups: Fact[tuple[Group, ...]] = _NOT_READ
    tag_demands: Fact[TagDemands] = _NOT_READ
    key_vaults: Thing[tuple[KeyVault, ...]] = _NOT_READ
    """Absent if one of them does not exist."""
    lost_key_vaults: Fact[tuple[LostKeyVault, ...]] = _NOT_READ
    vault_place: Thing[str] = _NOT_READ
    storage_accounts: Fact[tuple[StorageAccount, ...]] = _NOT_READ
    networks: Fact[tuple[Network, ...]] = _NOT_READ
    compute_usages: Fact[tuple[Usage, ...]] = _NOT_READ
    providers: Fact[tuple[Provider, ...]] = _NOT_READ
    interfaces: Fact[tuple[Interface, ...]] = _NOT_READ
    cpu: Fact[Cpu] = _NOT_READ
    neighbours: Fact[Neighbours] = _NOT_READ
    attempts: Fact[tuple[Attempt, ...]] = _NOT_READ
    subscription_tags: Fact[tuple[tuple[str, str], ...]] = _NOT_READ
    enhanced_policies: Fact[EnhancedPolicies] = _NOT_READ
    immutability: Fact[str] = _NOT_READ
    """`Disabled`, `Unlocked` or `Locked`, of the vault."""
    resource_guards: Fact[tuple[GuardProxy, ...]] = _NOT_READ
    settings: Settings = NOTHING_TOLD

    def about(self, source: Source) -> Thing[object]:
        """The fact that a source brings."""
        found: Thing[object] = getattr(self, source.value)
        return found

    def read(self) -> frozenset[Source]:
        """The sources that were asked, whether they answered or not."""
        return frozenset(s for s, name in _FIELDS if getattr(self, name) is not _NOT_READ)

    def placed(self, vm_id: str) -> Self:
        """The readings of a VM that lies at another place than presumed.

        Readings from the presumed place are dropped.
        """
        subject = self.subject.model_copy(
            update={
                "vm_id": vm_id,
                "subscription": subscription_of(vm_id),
                "place_told": True,
            }
        )
        presumed = self.subject.vm_id
        here = ids.same(vm_id, presumed) or (
            presumed is None and ids.same_name(subscription_of(vm_id), self.subject.subscription)
        )
        gone = frozenset() if here else OF_THE_VM
        found: dict[str, Any] = dict.fromkeys((s.value for s in gone), _NOT_READ)
        return replace(self, subject=subject, **found)

    def without_place(self, reason: str) -> Self:
        """The readings of a VM whose place nobody tells.

        Every fact about the VM becomes unknown.
        """
        read = self.read() & OF_THE_VM
        found: dict[str, Any] = dict.fromkeys((s.value for s in read), Unknown(reason))
        return replace(self, **found)

    def latest(self) -> datetime | None:
        """Azure's time of the latest answer. None when there was no answer."""
        found = (self.about(source) for source in self.read())
        return max((fact.at for fact in found if isinstance(fact, Known | Absent)), default=None)
