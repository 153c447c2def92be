"""The state of subscriptions, resource groups and locks."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from remediator.simulator import ids


@dataclass
class Subscription:
    """A subscription of the tenant."""

    id: str
    name: str
    tags: dict[str, str] = field(default_factory=dict)
    management_groups: frozenset[str] = frozenset()
    """The names of the management groups above it."""

    @property
    def arm_id(self) -> str:
        """The subscription's scope."""
        return f"/subscriptions/{self.id}"


@dataclass
class Group:
    """A resource group."""

    subscription: str
    name: str
    location: str
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def arm_id(self) -> str:
        """The group's id, with its spelling kept."""
        return ids.group_id(self.subscription, self.name)


@dataclass(frozen=True)
class TagPolicy:
    """A policy of a subscription: its resource groups need a tag, perhaps with a certain value."""

    subscription: str
    name: str
    title: str
    tag: str
    value: str | None = None

    @property
    def arm_id(self) -> str:
        """The assignment's id."""
        return (
            f"/subscriptions/{self.subscription}/providers/Microsoft.Authorization"
            f"/policyAssignments/{self.name}"
        )


@dataclass(frozen=True)
class CustomRole:
    """A role of the tenant's own, with data actions only."""

    guid: str
    name: str
    data_actions: tuple[str, ...]
    not_data_actions: tuple[str, ...] = ()


@dataclass(frozen=True)
class DenyAssignment:
    """Data actions that nobody's role gives to a principal at a scope and below."""

    scope: str
    name: str
    principal: str
    data_actions: tuple[str, ...]


@dataclass(eq=False)
class RoleAssignment:
    """A role that a principal has at a scope and below."""

    scope: str
    name: str
    role: str
    """The id of the role's definition."""
    principal: str
    condition: str | None = None
    """A condition of it. The simulator takes it as not met."""

    @property
    def arm_id(self) -> str:
        """The assignment's id: its scope and its own part."""
        return f"{self.scope}/providers/Microsoft.Authorization/roleAssignments/{self.name}"


@dataclass(eq=False)
class Lock:
    """A management lock. Deleting it hides it at once, but frees its scope only later."""

    scope: str
    name: str
    level: str
    notes: str | None = None
    owners: list[str] = field(default_factory=list)
    propagation: float = 0.0
    deleted: datetime | None = None

    @property
    def arm_id(self) -> str:
        """The lock's id: the locked scope and the lock's own part."""
        return f"{self.scope}/providers/Microsoft.Authorization/locks/{self.name}"

    def in_force(self, now: datetime) -> bool:
        """Tell whether the lock still forbids requests."""
        return self.deleted is None or now < self.deleted + timedelta(seconds=self.propagation)


class LockBook:
    """All locks, and the search for those that forbid a request."""

    def __init__(self) -> None:
        self.locks: list[Lock] = []

    def visible(self) -> list[Lock]:
        """Return the locks that a read shows."""
        return [lock for lock in self.locks if lock.deleted is None]

    def find(self, scope: str, name: str) -> Lock | None:
        """Return the visible lock of that name at exactly that scope."""
        for lock in self.visible():
            if ids.same(lock.scope, scope) and ids.same(lock.name, name):
                return lock
        return None

    def at_or_below(self, scope: str) -> list[Lock]:
        """Return the visible locks at a scope and below it."""
        return [lock for lock in self.visible() if ids.within(lock.scope, scope)]

    def applying_to(self, scope: str) -> list[Lock]:
        """Return the visible locks of a scope, including the inherited ones."""
        return [lock for lock in self.visible() if ids.within(scope, lock.scope)]

    def holding(self, target: str, verb: str, now: datetime) -> list[Lock]:
        """Return the locks in force that forbid ``verb`` (delete or write) on ``target``.

        A lock on a child also forbids the deletion of its parent: the parent's deletion would
        delete the child.
        """
        levels = {"cannotdelete", "readonly"} if verb == "delete" else {"readonly"}
        return [
            lock
            for lock in self.locks
            if lock.level.lower() in levels
            and lock.in_force(now)
            and (
                ids.within(target, lock.scope)
                or (verb == "delete" and ids.within(lock.scope, target))
            )
        ]
