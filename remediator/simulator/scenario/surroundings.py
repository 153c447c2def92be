"""The parts of a scenario file for the resources around the machines."""

# ruff: noqa: RUF012 - pydantic copies a model's defaults

from typing import Literal

from pydantic import Field

from remediator.simulator.scenario.parts import Part
from remediator.simulator.scenario.values import When


class KeysPart(Part):
    """What a principal may do with the keys and secrets of a key vault."""

    object_id: str
    """The principal's object id. ``backup`` means the Backup Management Service."""
    keys: list[str] = []
    secrets: list[str] = []


class KeyVaultPart(Part):
    """A key vault, with access policies or with roles."""

    name: str
    group: str = "rg-keys"
    location: str | None = None
    subscription: str | None = None
    rbac: bool = False
    access: list[KeysPart] = []
    network_default: Literal["Allow", "Deny"] = "Allow"
    bypass: Literal["AzureServices", "None"] = "AzureServices"
    ip_rules: list[str] = []
    """The addresses that its firewall lets in."""
    deleted: When | None = None
    """When it was deleted. It can be recovered while its retention lasts."""
    retention_days: int = Field(default=90, ge=7, le=90)


class TagPolicyPart(Part):
    """A policy that denies resource groups without a tag."""

    tag: str
    value: str | None = None
    name: str | None = None
    subscription: str | None = None


class RoleAssignmentPart(Part):
    """A role of a principal. ``backup`` means the Backup Management Service."""

    scope: str
    role: str
    """The GUID of the role's definition."""
    principal: str = "backup"
    condition: str | None = None
    """A condition, which is not met."""


class CustomRolePart(Part):
    """A role of the tenant's own, with data actions only."""

    guid: str
    name: str = "Own role"
    data_actions: list[str]
    not_data_actions: list[str] = []


class DenyAssignmentPart(Part):
    """Data actions that are denied to a principal, whatever roles it has."""

    scope: str
    data_actions: list[str]
    principal: str = "backup"


class EncryptionPart(Part):
    """Azure Disk Encryption of a VM's disks."""

    key_vault: str
    kek: bool = True


class NetworkPart(Part):
    """A virtual network."""

    name: str
    group: str = "rg-network"
    location: str | None = None
    subscription: str | None = None
    subnets: list[str] = Field(default=["default"], min_length=1)


class AttachmentPart(Part):
    """How a machine is attached to a network, and its outbound rules."""

    vnet: str | None = None
    """The network's name. By default a network in the machine's own group."""
    subnet: str = "default"
    static_ip: bool = False
    deny_outbound: bool = False
    """Whether a rule denies the internet."""


class StorageAccountPart(Part):
    """A storage account."""

    name: str
    group: str = "rg-storage"
    location: str | None = None
    subscription: str | None = None
    sku: str = "Standard_LRS"
    kind: str = "StorageV2"
    status: Literal["available", "unavailable"] = "available"
    network_default: Literal["Allow", "Deny"] = "Allow"
