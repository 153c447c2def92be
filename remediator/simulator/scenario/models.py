"""The parts of a scenario file."""

# ruff: noqa: RUF012 - pydantic copies a model's defaults

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from remediator.simulator.faults import Fault
from remediator.simulator.scenario.parts import Part, named
from remediator.simulator.scenario.surroundings import (
    CustomRolePart,
    DenyAssignmentPart,
    KeyVaultPart,
    NetworkPart,
    RoleAssignmentPart,
    StorageAccountPart,
    TagPolicyPart,
)
from remediator.simulator.scenario.values import Moment, Seconds, When
from remediator.simulator.scenario.vm_parts import VmPart


class DenialPart(Part):
    """An action that the principal may not do."""

    action: str
    scope: str = "/"

    @classmethod
    def short(cls, value: Any) -> Any:
        """Let a bare action mean an action that is denied everywhere."""
        return {"action": value} if isinstance(value, str) else value


class PrincipalPart(Part):
    """The caller."""

    tenant: str = "22222222-2222-2222-2222-222222222222"
    client_id: str = "33333333-3333-3333-3333-333333333333"
    client_secret: str = "s3cret"
    object_id: str = "44444444-4444-4444-4444-444444444444"
    denied: list[Annotated[DenialPart, BeforeValidator(DenialPart.short)]] = []
    token_lifetime: Seconds = 3600


class GroupPart(Part):
    """A resource group that needs more than a mention."""

    name: str
    location: str | None = None
    subscription: str | None = None
    tags: dict[str, str] = {}


class HourlyPart(Part):
    """The schedule of an enhanced policy that runs several times a day."""

    every: Literal[4, 6, 8, 12] = 4
    """Hours between two backups."""
    begins: Annotated[str, Field(pattern=r"^\d\d:\d\d$")] = "08:00"
    """The time of day (UTC) of the first one."""
    lasts: int = Field(default=24, ge=4, le=24)
    """For how many hours of a day backups begin."""


class PolicyPart(Part):
    """A backup policy."""

    name: str
    instant_days: int = Field(default=2, ge=1, le=30)
    group_prefix: str | None = None
    group_suffix: str | None = None
    enhanced: bool = False
    at: Annotated[str, Field(pattern=r"^\d\d:\d\d$")] = "01:30"
    """The time of day at which it runs."""
    hourly: HourlyPart | None = None
    """Only for an enhanced policy."""
    weekly_on: list[str] = []
    """The days on which a weekly policy runs, such as Sunday."""
    crash_consistent: bool = False
    """Whether an enhanced policy takes only crash-consistent points, without agent."""

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if (self.hourly or self.crash_consistent) and not self.enhanced:
            message = "only an enhanced policy is hourly or crash-consistent"
            raise ValueError(message)
        return self


class ResourceGuardPart(Part):
    """A Resource Guard that protects a vault."""

    name: str
    group: str = "rg-guards"
    subscription: str | None = None
    protects: list[Literal["stop", "update", "delete", "policies"]] = [
        "stop",
        "update",
        "delete",
        "policies",
    ]
    """Its critical operations."""
    approved: bool = False
    """Whether the caller has the role Backup MUA Operator on it."""


class VaultPart(Part):
    """A Recovery Services vault."""

    name: str
    group: str = "rg-backup"
    location: str | None = None
    subscription: str | None = None
    policies: list[PolicyPart] = [PolicyPart(name="DefaultPolicy")]
    discovering_for: Seconds = 0
    """How long its running discovery still takes."""
    discovery_fails: int = Field(default=0, ge=0)
    immutability: Literal["Disabled", "Unlocked", "Locked"] | None = None
    resource_guard: Annotated[ResourceGuardPart | None, BeforeValidator(named)] = None


class LockPart(Part):
    """A management lock. Scopes: subscription, group:NAME, vm:NAME, vault:NAME, collection:VM."""

    name: str
    scope: str
    level: Literal["CanNotDelete", "ReadOnly"] = "CanNotDelete"
    notes: str | None = None
    owners: list[str] = []
    propagation: Seconds | None = None


class QuotaPart(Part):
    """How much of a quota is used, and its limit."""

    current: int
    limit: int


class UnregisteredPart(Part):
    """A resource provider that is not registered in a subscription."""

    namespace: str
    subscription: str | None = None


def _namespace(value: Any) -> Any:
    return {"namespace": value} if isinstance(value, str) else value


class Scenario(Part):
    """A whole cloud."""

    description: str = ""
    clock: When = Moment()
    location: str = "westeurope"
    subscriptions: dict[str, str] = {"main": "11111111-1111-1111-1111-111111111111"}
    """Names and ids. The first subscription is used where none is named."""
    subscription_tags: dict[str, dict[str, str]] = {}
    """Tags, by the names of the subscriptions."""
    management_groups: dict[str, list[str]] = {}
    """Management groups, each with the names of the subscriptions below it, at any depth."""
    principal: PrincipalPart = PrincipalPart()
    groups: list[Annotated[GroupPart, BeforeValidator(named)]] = []
    vaults: list[VaultPart] = []
    vms: list[VmPart] = []
    key_vaults: list[KeyVaultPart] = []
    tag_policies: list[TagPolicyPart] = []
    custom_roles: list[CustomRolePart] = []
    role_assignments: list[RoleAssignmentPart] = []
    deny_assignments: list[DenyAssignmentPart] = []
    networks: list[NetworkPart] = []
    storage_accounts: list[StorageAccountPart] = []
    quota: dict[str, QuotaPart] = {}
    """Compute usages, by their names."""
    unregistered: list[Annotated[UnregisteredPart, BeforeValidator(_namespace)]] = []
    backup_service_object_id: str = "55555555-5555-5555-5555-555555555555"
    """The object id of the Backup Management Service in this tenant, not its application id."""
    locks: list[LockPart] = []
    lock_propagation: Seconds = 0
    restore_point_limit: int = Field(default=18, ge=1)
    data_disk_limit: int = Field(default=32, ge=0)
    disk_size_limit_gb: int = Field(default=65536, ge=1)
    page_size: int = Field(default=200, ge=1)
    faults: list[Fault] = []
