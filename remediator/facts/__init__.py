"""Facts: the present state of the subscription, with the evidence.

A fact can be *unknown*, which is never *false*. An unknown fact carries the reason, and every
change that depends on it is held. Each group of facts comes from one `Source`. A source is read at
most once for a plan.
"""

from remediator.facts.attempts import Attempt, Climbed
from remediator.facts.collections import Collection, DiskPoint, Point
from remediator.facts.fact import Absent, Fact, Known, Thing, Unknown
from remediator.facts.facts import Facts
from remediator.facts.groups import Group, TagDemand, TagDemands
from remediator.facts.key_vaults import Access, KeyVault, LostKeyVault
from remediator.facts.locks import Lock
from remediator.facts.machine import (
    AgentState,
    Cpu,
    DataDisk,
    Disk,
    Extension,
    Outset,
    PowerState,
    Vm,
    Whereabouts,
)
from remediator.facts.policy import Consistency, Hourly, Policy
from remediator.facts.protection import (
    Neighbours,
    PolicyChoice,
    ProtectedItem,
    RecoveryPoint,
    Tier,
)
from remediator.facts.provisioning import Provisioning
from remediator.facts.readings import Readings
from remediator.facts.resource_guards import GuardProxy
from remediator.facts.source import Source

__all__ = [
    "Absent",
    "Access",
    "AgentState",
    "Attempt",
    "Climbed",
    "Collection",
    "Consistency",
    "Cpu",
    "DataDisk",
    "Disk",
    "DiskPoint",
    "Extension",
    "Fact",
    "Facts",
    "Group",
    "GuardProxy",
    "Hourly",
    "KeyVault",
    "Known",
    "Lock",
    "LostKeyVault",
    "Neighbours",
    "Outset",
    "Point",
    "Policy",
    "PolicyChoice",
    "PowerState",
    "ProtectedItem",
    "Provisioning",
    "Readings",
    "RecoveryPoint",
    "Source",
    "TagDemand",
    "TagDemands",
    "Thing",
    "Tier",
    "Unknown",
    "Vm",
    "Whereabouts",
]
