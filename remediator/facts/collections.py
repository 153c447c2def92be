"""Instant restore points, the collections that hold them, and the disk copies inside them."""

from pydantic import AwareDatetime

from remediator.facts.provisioning import Provisioning
from remediator.value import Value


class Collection(Value):
    """One of Azure Backup's restore point collections of this VM."""

    id: str
    name: str
    group: str
    service_group: bool | None
    """Whether its group is Azure Backup's own. None when the policy could not be read."""
    state: Provisioning = Provisioning.SUCCEEDED


class Point(Value):
    """An instant restore point."""

    id: str
    name: str
    collection_id: str
    created: AwareDatetime | None
    consistency: str
    vm_unique_id: str | None = None
    """The VM's `vmId` when the point was made. None when the point does not tell it."""


class DiskPoint(Value):
    """The copy of one disk in an instant restore point. No read tells whether it is shared."""

    id: str
    name: str
    point_id: str
