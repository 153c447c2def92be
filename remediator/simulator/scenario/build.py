"""From a scenario to a world: first the resources, then their past."""

from dataclasses import replace
from datetime import datetime, timedelta

from remediator.simulator import ids
from remediator.simulator.backup import engine, guards
from remediator.simulator.backup.state import Item, Policy, ResourceGuard, Vault
from remediator.simulator.clock import Clock
from remediator.simulator.compute.state import Vm
from remediator.simulator.resources.state import (
    Lock,
    Subscription,
)
from remediator.simulator.scenario.history import tell
from remediator.simulator.scenario.load import ScenarioError
from remediator.simulator.scenario.machines import add_collections, make_item, make_vm
from remediator.simulator.scenario.models import LockPart, ResourceGuardPart, Scenario
from remediator.simulator.scenario.pending import end_deletion, hold_item, settle_vm
from remediator.simulator.scenario.places import Places
from remediator.simulator.scenario.surround import assign_roles, connect, surround
from remediator.simulator.scenario.vm_parts import VmPart
from remediator.simulator.world import Denial, Principal, World

_BEFORE_EVERYTHING = timedelta(days=3650)


def _copies(part: VmPart) -> list[VmPart]:
    if part.copies == 1:
        return [part]
    numbers = range(1, part.copies + 1)
    return [part.model_copy(update={"name": f"{part.name}-{number:03}"}) for number in numbers]


class _Builder:
    def __init__(self, scenario: Scenario, clock: Clock) -> None:
        self.scenario = scenario
        self.now = clock.now()
        part = scenario.principal
        principal = Principal(
            part.tenant,
            part.client_id,
            part.client_secret,
            part.object_id,
            token_lifetime=part.token_lifetime,
        )
        self.world = World(clock, principal, self.now - _BEFORE_EVERYTHING)
        self.world.lock_propagation = scenario.lock_propagation
        self.world.page_size = scenario.page_size
        self.world.restore_point_limit = scenario.restore_point_limit
        self.world.data_disk_limit = scenario.data_disk_limit
        self.world.disk_size_limit_gb = scenario.disk_size_limit_gb
        self.places = Places(scenario, self.world)
        self.pasts: list[tuple[VmPart, Item | None]] = []
        self.vms = [each for part in scenario.vms for each in _copies(part)]

    def build(self) -> World:
        for name, subscription_id in self.scenario.subscriptions.items():
            tags = dict(self.scenario.subscription_tags.get(name, {}))
            above = frozenset(
                group for group, below in self.scenario.management_groups.items() if name in below
            )
            self.world.subscriptions.append(Subscription(subscription_id, name, tags, above))
        if unknown := self.scenario.subscription_tags.keys() - self.scenario.subscriptions.keys():
            raise ScenarioError(f"no subscription is named {min(unknown)!r}")
        for group in self.scenario.groups:
            self.places.group(
                self.places.subscription(group.subscription), group.name, group.location
            )
            self.world.groups[-1].tags = dict(group.tags)
        surround(self.world, self.scenario, self.places, self.now)
        for vault in self.scenario.vaults:
            self._vault(vault.name)
        for part in self.vms:
            self._vm(part)
        for lock in self.scenario.locks:
            self._lock(lock)
        assign_roles(self.world, self.scenario, self.places)
        for denial in self.scenario.principal.denied:
            scope = self.places.scope(denial.scope)
            self.world.principal.denied.append(Denial(denial.action, scope))
        for part, item in self.pasts:
            self._past(part, item)
        self.world.timeline.settle(self.now)
        return self.world

    def _vault(self, name: str) -> Vault:
        for made in self.world.vaults:
            if ids.same(made.name, name):
                return made
        part = next((each for each in self.scenario.vaults if ids.same(each.name, name)), None)
        if part is None:
            raise ScenarioError(f"no vault is named {name!r}")
        subscription = self.places.subscription(part.subscription)
        vault = Vault(
            subscription,
            self.places.group(subscription, part.group),
            part.name,
            part.location or self.scenario.location,
            [
                Policy(
                    each.name,
                    each.instant_days,
                    each.group_prefix,
                    each.group_suffix,
                    each.enhanced,
                    each.at,
                    (each.hourly.every, each.hourly.begins, each.hourly.lasts)
                    if each.hourly
                    else None,
                    tuple(each.weekly_on),
                    each.crash_consistent,
                )
                for each in part.policies
            ],
        )
        vault.discovering_until = self.now + timedelta(seconds=part.discovering_for)
        vault.discovery_fails = part.discovery_fails
        vault.guard = self._guard(part.resource_guard) if part.resource_guard else None
        vault.immutability = part.immutability
        self.world.vaults.append(vault)
        return vault

    def _guard(self, part: ResourceGuardPart) -> ResourceGuard:
        subscription = self.places.subscription(part.subscription)
        group = self.places.group(subscription, part.group)
        kind = "Microsoft.DataProtection/resourceGuards"
        arm_id = ids.resource_id(subscription, group, kind, part.name)
        protects = [guards.BY_WORD[word] for word in part.protects]
        requests = {each: f"{arm_id}/{guards.REQUESTS[each]}/default" for each in protects}
        return ResourceGuard(arm_id, requests, part.approved)

    def _vm(self, part: VmPart) -> None:
        subscription = self.places.subscription(part.subscription)
        group = self.places.group(subscription, part.group)
        vm = make_vm(part, subscription, group, part.location or self.scenario.location, self.now)
        connect(self.world, part, vm, self.places)
        if part.moved_to is not None:
            self._move(vm, part)
        elif part.exists:
            self.world.vms.append(vm)
            settle_vm(self.world, vm, part, self.now)
        item: Item | None = None
        if part.protection is not None:
            vault = self._vault(part.protection.vault)
            policy = vault.policy(part.protection.policy)
            if policy is None:
                raise ScenarioError(
                    f"vault {vault.name!r} has no policy {part.protection.policy!r}"
                )
            item = make_item(part, vm, vault, policy, self.now)
            self.world.items.append(item)
            hold_item(self.world, item, part.protection, self.now)
        self.pasts.append((part, item))
        made = add_collections(self.world, part, vm, item, self.now)
        for collection, described in zip(made, part.collections, strict=True):
            self.places.group(subscription, collection.group)
            end_deletion(self.world, collection, described, self.now)

    def _move(self, vm: Vm, part: VmPart) -> None:
        """Put a VM to another place. Everything else of the old place stays there."""
        if part.moved_to is None:
            return
        subscription = self.places.subscription(part.moved_to.subscription or part.subscription)
        group = self.places.group(subscription, part.moved_to.group)
        moved = replace(vm, subscription=subscription, group=group, moved_from=vm.arm_id)
        self.world.vms.append(moved)

    def _lock(self, part: LockPart) -> None:
        propagation = self.scenario.lock_propagation
        lock = Lock(
            self.places.scope(part.scope),
            part.name,
            part.level,
            part.notes,
            list(part.owners),
            propagation if part.propagation is None else part.propagation,
        )
        self.world.locks.locks.append(lock)

    def _past(self, part: VmPart, item: Item | None) -> None:
        """Add the jobs of the history, and run the other backups at their time."""
        for job in part.history:
            vault = self._vault(job.vault) if job.vault else item.vault if item else None
            if vault is None:
                raise ScenarioError(f"the history of {part.name!r} names no vault")
            subscription = self.places.subscription(part.subscription)
            tell(self.world, part, job, vault, subscription, self.now, item)
        runs = [(each.at(self.now), False) for each in part.scheduled_backup]
        runs += [(each.at(self.now), True) for each in part.on_demand_backup]
        if runs and item is None:
            raise ScenarioError(f"{part.name!r} is backed up without being protected")
        for when, user_triggered in sorted(runs):
            if item is not None:
                self._run(item, when, user_triggered=user_triggered)

    def _run(self, item: Item, when: datetime, *, user_triggered: bool) -> None:
        def begin() -> None:
            engine.start(self.world, item, user_triggered=user_triggered)

        self.world.timeline.at(when, begin)


def build(scenario: Scenario, clock: Clock) -> World:
    """Build the world of a scenario, as it is at the clock's present."""
    return _Builder(scenario, clock).build()
