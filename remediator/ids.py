"""Azure Resource Manager ids.

Azure spells the same id differently from one answer to the next (`/Subscriptions/`, an upper-case
resource group), so ids are only ever compared through this module.
"""

import re
from dataclasses import dataclass
from typing import Self

LOCK_SUFFIX = "/providers/microsoft.authorization/locks/"

# Nothing that could change the path an id is put into: no query, no escape, no step upwards.
_SEGMENT = re.compile(r"(?!\.{1,2}$)[^/?#%\\\s\x00-\x1f\x7f]+")


# Azure folds the letters of ASCII only; str.lower() would make others equal to them.
_LOWER = str.maketrans({chr(upper): chr(upper + 32) for upper in range(ord("A"), ord("Z") + 1)})


def normal(arm_id: str) -> str:
    """The one spelling in which two ids of the same resource are equal."""
    return "/" + arm_id.strip("/").translate(_LOWER)


def same(one: str | None, other: str | None) -> bool:
    """Whether two ids name the same resource; an absent id is the same as nothing."""
    return one is not None and other is not None and normal(one) == normal(other)


def covers(scope: str, arm_id: str) -> bool:
    """Whether `arm_id` is `scope` or lies below it, so that a lock on `scope` binds it."""
    outer, inner = normal(scope), normal(arm_id)
    return inner == outer or inner.startswith(outer.rstrip("/") + "/")


def lock_scope(lock_id: str) -> str:
    """What a lock with this id is on.

    Raises:
        ValueError: the id is not that of a lock.
    """
    at = lock_id.lower().rfind(LOCK_SUFFIX)
    if at <= 0:
        raise ValueError(f"not the id of a management lock: {lock_id!r}")
    return lock_id[:at]


def is_segment(text: str) -> bool:
    """Whether the text can be one part of an id, and nothing else."""
    return _SEGMENT.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class ResourceId:
    """A resource inside a resource group: `types` and `names` run in parallel, outermost first."""

    subscription: str
    group: str
    namespace: str
    types: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an id in any casing.

        Raises:
            ValueError: the text is not the id of a resource in a resource group.
        """
        parts = text.strip().strip("/").split("/")
        if (
            len(parts) < 8
            or len(parts) % 2
            or not all(map(is_segment, parts))
            or [parts[0].lower(), parts[2].lower(), parts[4].lower()]
            != ["subscriptions", "resourcegroups", "providers"]
        ):
            raise ValueError(f"not the id of a resource in a resource group: {text!r}")
        return cls(parts[1], parts[3], parts[5], tuple(parts[6::2]), tuple(parts[7::2]))

    def is_a(self, full_type: str) -> bool:
        """Whether this is of a type such as `Microsoft.Compute/virtualMachines`, in any casing."""
        return "/".join((self.namespace, *self.types)).lower() == full_type.lower()

    @property
    def name(self) -> str:
        """The innermost name."""
        return self.names[-1]

    @property
    def group_id(self) -> str:
        """The id of the resource group."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"

    def __str__(self) -> str:
        pairs = "".join(f"/{t}/{n}" for t, n in zip(self.types, self.names, strict=True))
        return f"{self.group_id}/providers/{self.namespace}{pairs}"


def group_name(arm_id: str) -> str | None:
    """The resource group that an id lies in, as spelt there; None at subscription level."""
    parts = arm_id.strip("/").split("/")
    if len(parts) >= 4 and parts[2].lower() == "resourcegroups":
        return parts[3]
    return None


def subscription_of(arm_id: str) -> str:
    """The subscription that an id lies in.

    Raises:
        ValueError: the id lies in none.
    """
    parts = arm_id.strip("/").split("/")
    if len(parts) < 2 or parts[0].lower() != "subscriptions":
        raise ValueError(f"not an id in a subscription: {arm_id!r}")
    return parts[1]
