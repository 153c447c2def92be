"""Azure Resource Manager ids.

Azure spells the same id differently from one answer to the next (`/Subscriptions/`, an upper-case
resource group). So all code compares ids, and the names in them, through this module only.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Self

# The last match counts: a lock may lie on a resource whose own id looks like a lock's.
_LOCK = re.compile(
    r"/providers/microsoft\.authorization/locks/(?!.*/providers/microsoft\.authorization/locks/)",
    re.IGNORECASE | re.ASCII,
)

# A segment must not change the path that it is put into: no query, no escape, no step upwards.
_SEGMENT = re.compile(r"(?!\.{1,2}$)[^/?#%\\\s\x00-\x1f\x7f]+")


# .NET leaves these two letters alone, although Unicode has a capital for each of them: the dotless
# i and the long s (pal_casing.c of dotnet/runtime, `InitOrdinalCasingPage`).
_ALONE = "\u0131\u017f"


def folded(text: str) -> str:
    """The folded text. Two names have equal folded texts where Azure takes them for one name.

    Azure compares as .NET's OrdinalIgnoreCase does: character by character. Each character counts
    as its simple capital letter, in every language. `RG-GR\u00d6SSE` equals `rg-gr\u00f6sse`, but
    not `rg-gr\u00f6\u00dfe`. `str.lower` and `str.casefold` give other results.
    """
    if text.isascii():
        return text.lower()
    return "".join(map(_capital, text)).translate(_TO_LOWER)


_TO_LOWER = str.maketrans({chr(upper): chr(upper + 32) for upper in range(ord("A"), ord("Z") + 1)})


@cache
def _capital(letter: str) -> str:
    """The simple capital of a letter. It is always one letter; a full mapping may have several."""
    if letter in _ALONE:
        return letter
    found = (letter.upper(), letter.title())
    return next((each for each in found if len(each) == 1), letter)


_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


def is_guid(text: str) -> bool:
    """Whether a text is a GUID, such as the id of a subscription."""
    return _GUID.fullmatch(text) is not None


def same_name(one: str | None, other: str | None) -> bool:
    """Whether two names, of a group or a VM, are equal. An absent name equals nothing."""
    return one is not None and other is not None and folded(one) == folded(other)


def normal(arm_id: str) -> str:
    """The normal spelling of an id. Two ids of the same resource have the same normal spelling."""
    return "/" + folded(arm_id.strip("/"))


def same(one: str | None, other: str | None) -> bool:
    """Whether two ids name the same resource. An absent id equals nothing."""
    return one is not None and other is not None and normal(one) == normal(other)


def covers(scope: str, arm_id: str) -> bool:
    """Whether `arm_id` is `scope` or lies below it. Then a lock on `scope` applies to it."""
    outer, inner = normal(scope), normal(arm_id)
    return inner == outer or inner.startswith(outer.rstrip("/") + "/")


def lock_scope(lock_id: str) -> str:
    """The id of the resource, group or subscription that carries the lock with this id.

    Raises:
        ValueError: the id is not that of a lock.
    """
    at = _LOCK.search(lock_id)
    if at is None or at.start() == 0:
        raise ValueError(f"not the id of a management lock: {lock_id!r}")
    return lock_id[: at.start()]


def is_segment(text: str) -> bool:
    """Whether the text can be exactly one part of an id."""
    return _SEGMENT.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class ResourceId:
    """A resource in a resource group. `types` and `names` have the same order, outermost first."""

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
            or [folded(parts[0]), folded(parts[2]), folded(parts[4])]
            != ["subscriptions", "resourcegroups", "providers"]
        ):
            raise ValueError(f"not the id of a resource in a resource group: {text!r}")
        return cls(parts[1], parts[3], parts[5], tuple(parts[6::2]), tuple(parts[7::2]))

    def is_a(self, full_type: str) -> bool:
        """Whether this is of a type such as `Microsoft.Compute/virtualMachines`, in any casing."""
        return same_name("/".join((self.namespace, *self.types)), full_type)

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


def is_placed(arm_id: str, full_type: str, scope: str) -> bool:
    """Whether a text of an answer is an id of this type that lies below a scope.

    Such ids name the things to be changed. An id that leads elsewhere does not name the thing that
    was asked for.
    """
    try:
        found = ResourceId.parse(arm_id)
    except ValueError:
        return False
    return found.is_a(full_type) and covers(scope, str(found))


def group_name(arm_id: str) -> str | None:
    """The resource group that an id lies in, spelt as in the id. None at subscription level."""
    parts = arm_id.strip("/").split("/")
    if len(parts) >= 4 and folded(parts[2]) == "resourcegroups":
        return parts[3]
    return None


def subscription_of(arm_id: str) -> str:
    """The subscription that an id lies in.

    Raises:
        ValueError: the id lies in none.
    """
    parts = arm_id.strip("/").split("/")
    if len(parts) < 2 or folded(parts[0]) != "subscriptions":
        raise ValueError(f"not an id in a subscription: {arm_id!r}")
    return parts[1]
