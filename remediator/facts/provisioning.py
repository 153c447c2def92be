"""The provisioning state of a resource."""

from enum import StrEnum


class Provisioning(StrEnum):
    """A resource's provisioningState: settled well, settled badly, or under way."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    DELETING = "deleting"
    UNDER_WAY = "under-way"
