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
    Group,
    LockBook,
    RoleAssignment,
    Subscription,
    TagPolicy,
)
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
        self.subscriptions: list[Subscription] = []
        self.groups: list[Group] = []
        self.locks = LockBook()
        self.vms: list[Vm] = []
        self.collections: list[Collection] = []
        self.key_vaults: list[KeyVault] = []
        self.networks: list[Network] = []
        self.storage_accounts: list[Account] = []
        self.quota: dict[str, tuple[int, int]] = {}
        """Compute's quotas by name: how much is used, and the limit."""
        self.unregistered: set[tuple[str, str]] = set()
        """Pairs of a subscription and a resource provider that it lacks, in lower case."""
        self.tag_policies: list[TagPolicy] = []
        self.role_assignments: list[RoleAssignment] = []
        self.backup_service = ""
        """The object id of the Backup Management Service in this tenant."""
        self.vaults: list[Vault] = []
        self.items: list[Item] = []
        self.jobs: list[Job] = []
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
        return next((s for s in self.subscriptions if ids.same(s.id, subscription_id)), None)

    def group(self, subscription: str, name: str) -> Group | None:
        """Return the resource group of that name."""
        for group in self.groups:
            if ids.same(group.subscription, subscription) and ids.same(group.name, name):
                return group
        return None

    def vm(self, arm_id: str) -> Vm | None:
        """Return the VM of that id."""
        return next((vm for vm in self.vms if ids.same(vm.arm_id, arm_id)), None)

    def collection(self, arm_id: str) -> Collection | None:
        """Return the restore point collection of that id."""
        return next((each for each in self.collections if ids.same(each.arm_id, arm_id)), None)

    def vault(self, arm_id: str) -> Vault | None:
        """Return the vault of that id."""
        return next((vault for vault in self.vaults if ids.same(vault.arm_id, arm_id)), None)

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
