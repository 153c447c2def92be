"""The simulated cloud: all its resources and its time."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from remediator.simulator import ids
from remediator.simulator.backup.state import Item, Job, Vault, VaultOperation
from remediator.simulator.clock import Clock, Timeline
from remediator.simulator.compute.state import Collection, Operation, Vm
from remediator.simulator.keyvault.state import KeyVault
from remediator.simulator.network.state import Network
from remediator.simulator.reply import Json
from remediator.simulator.resources.state import (
    CustomRole,
    DenyAssignment,
    Group,
    LockBook,
    RoleAssignment,
    Subscription,
    TagPolicy,
)
from remediator.simulator.shelf import Shelf
from remediator.simulator.storage.state import Account


@dataclass
class Denial:
    """An action that the caller may not do, everywhere or below one scope."""

    action: str
    scope: str = "/"


@dataclass
class Principal:
    """The caller, and the actions that it may not do."""

    tenant: str
    client_id: str
    client_secret: str
    object_id: str
    denied: list[Denial] = field(default_factory=list)
    token_lifetime: float = 3600.0
    """Real seconds, because clients that check tokens do not know simulated time."""


class World:
    """The state of the cloud."""

    def __init__(self, clock: Clock, principal: Principal, began: datetime) -> None:
        self.clock = clock
        self.timeline = Timeline(began)
        self.principal = principal
        self.subscriptions = Shelf[Subscription](id=lambda each: each.id.lower())
        self.groups = Shelf[Group](
            id=lambda each: each.arm_id.lower(),
            subscription=lambda each: each.subscription.lower(),
        )
        self.locks = LockBook()
        self.vms = Shelf[Vm](
            id=lambda each: each.arm_id.lower(),
            subscription=lambda each: each.subscription.lower(),
            network=lambda each: each.attachment and each.attachment.subscription.lower(),
        )
        self.collections = Shelf[Collection](
            id=lambda each: each.arm_id.lower(),
            subscription=lambda each: each.subscription.lower(),
            source=lambda each: each.source.lower(),
        )
        self.key_vaults: list[KeyVault] = []
        self.deleted_key_vaults: list[KeyVault] = []
        self.networks: list[Network] = []
        self.storage_accounts: list[Account] = []
        self.quota: dict[str, tuple[int, int]] = {}
        """Compute's quotas by name: how much is used, and the limit."""
        self.unregistered: set[tuple[str, str]] = set()
        """Pairs of a subscription and a resource provider that it lacks, in lower case."""
        self.tag_policies: list[TagPolicy] = []
        self.role_assignments: list[RoleAssignment] = []
        self.custom_roles: list[CustomRole] = []
        self.deny_assignments: list[DenyAssignment] = []
        self.backup_service = ""
        """The object id of the Backup Management Service in this tenant."""
        self.vaults = Shelf[Vault](
            id=lambda each: each.arm_id.lower(),
            subscription=lambda each: each.subscription.lower(),
        )
        self.items = Shelf[Item](
            vault=lambda each: each.vault,
            vm=lambda each: each.vm_id.lower(),
            name=lambda each: (each.vault, each.native_name.lower()),
        )
        self.jobs = Shelf[Job](
            vault=lambda each: each.vault,
            vm=lambda each: each.vm_id and each.vm_id.lower(),
            name=lambda each: each.name.lower(),
        )
        self.operations: dict[str, Operation] = {}
        self.vault_operations: dict[str, VaultOperation] = {}
        self.lock_propagation = 0.0
        self.page_size = 200
        self.restore_point_limit = 18
        self.data_disk_limit = 32
        self.disk_size_limit_gb = 65536
        self._numbers = itertools.count(1)

    @property
    def now(self) -> datetime:
        """The current time of the world."""
        return self.timeline.now

    def settle(self) -> None:
        """Let all events happen that are due by now."""
        self.timeline.settle(self.clock.now())

    def new_guid(self, kind: str) -> str:
        """Make the next GUID of this cloud. Every start makes the same ones in the same order."""
        return ids.guid(kind, next(self._numbers))

    def subscription(self, subscription_id: str) -> Subscription | None:
        """Return the subscription of that id."""
        return self.subscriptions.first("id", subscription_id.lower())

    def group(self, subscription: str, name: str) -> Group | None:
        """Return the resource group of that name."""
        return self.groups.first("id", ids.group_id(subscription, name).lower())

    def vm(self, arm_id: str) -> Vm | None:
        """Return the VM of that id."""
        return self.vms.first("id", arm_id.lower())

    def collection(self, arm_id: str) -> Collection | None:
        """Return the restore point collection of that id."""
        return self.collections.first("id", arm_id.lower())

    def vault(self, arm_id: str) -> Vault | None:
        """Return the vault of that id."""
        return self.vaults.first("id", arm_id.lower())

    def vms_in(self, subscription: str, group: str | None = None) -> list[Vm]:
        """Return the VMs of a subscription, or of one of its groups."""
        found = self.vms.having("subscription", subscription.lower())
        return [vm for vm in found if group is None or ids.same(vm.group, group)]

    def collections_in(self, subscription: str, group: str | None = None) -> list[Collection]:
        """Return the restore point collections of a subscription, or of one of its groups."""
        found = self.collections.having("subscription", subscription.lower())
        return [each for each in found if group is None or ids.same(each.group, group)]

    def vaults_in(self, subscription: str, group: str | None = None) -> list[Vault]:
        """Return the vaults of a subscription, or of one of its groups."""
        found = self.vaults.having("subscription", subscription.lower())
        return [vault for vault in found if group is None or ids.same(vault.group, group)]

    def items_of(self, vm_id: str) -> list[Item]:
        """Return the protected items of a VM, in any vault."""
        return self.items.having("vm", vm_id.lower())

    def jobs_of(self, vm_id: str) -> list[Job]:
        """Return the jobs of a VM, in any vault, in the order in which they were added."""
        return self.jobs.having("vm", vm_id.lower())

    def run_operation(
        self,
        subscription: str,
        location: str,
        seconds: float,
        effect: Callable[[], Json | None],
        *,
        poll_after: float | None = None,
    ) -> Operation:
        """Start a Compute operation. Its ``effect`` comes when it ends.

        The effect returns the error with which the operation fails, or None.
        """
        operation = Operation(
            self.new_guid("operation"), subscription, location, self.now, poll_after=poll_after
        )
        self.operations[operation.id] = operation

        def finish() -> None:
            operation.error = effect()
            operation.ended = self.now
            operation.status = "Failed" if operation.error else "Succeeded"

        self.timeline.after(seconds, finish)
        return operation
