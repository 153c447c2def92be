"""The readable groups of facts about a VM, by the names that plans, playbooks and checks use."""

from enum import StrEnum
from typing import Final


class Source(StrEnum):
    """One group of facts, read with one kind of request."""

    VM = "vm"
    LOCKS = "locks"
    COLLECTIONS = "collections"
    POINTS = "points"
    ITEM = "item"
    POLICY = "policy"
    RECOVERY_POINTS = "recovery_points"
    JOBS = "jobs"
    OTHER_JOBS = "other_jobs"
    OTHER_ITEMS = "other_items"
    WHEREABOUTS = "whereabouts"
    POLICY_CHOICE = "policy_choice"
    PROTECTABLE = "protectable"
    DISKS = "disks"
    DISK_POINTS = "disk_points"
    GROUPS = "groups"
    TAG_DEMANDS = "tag_demands"
    KEY_VAULTS = "key_vaults"
    LOST_KEY_VAULTS = "lost_key_vaults"
    VAULT_PLACE = "vault_place"
    STORAGE_ACCOUNTS = "storage_accounts"
    NETWORKS = "networks"
    COMPUTE_USAGES = "compute_usages"
    PROVIDERS = "providers"
    INTERFACES = "interfaces"
    CPU = "cpu"
    NEIGHBOURS = "neighbours"
    ATTEMPTS = "attempts"
    SUBSCRIPTION_TAGS = "subscription_tags"
    RESOURCE_GUARDS = "resource_guards"
    ENHANCED_POLICIES = "enhanced_policies"
    IMMUTABILITY = "immutability"


OF_THE_VM: Final = frozenset(Source) - {
    Source.ITEM,
    Source.POLICY,
    Source.RECOVERY_POINTS,
    Source.JOBS,
    Source.ATTEMPTS,
    Source.POLICY_CHOICE,
    Source.NEIGHBOURS,
    Source.VAULT_PLACE,
    Source.RESOURCE_GUARDS,
    Source.ENHANCED_POLICIES,
    Source.IMMUTABILITY,
}
"""The sources that are read where the VM lies. The others are read in its vault, wherever the VM
lies."""
