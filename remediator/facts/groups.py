"""Resource groups, and the tags that policies demand of a new one."""

from remediator.ids import same_name
from remediator.value import Value


class Group(Value):
    """A resource group."""

    id: str
    name: str
    location: str
    tags: tuple[tuple[str, str], ...]

    def tag(self, name: str) -> str | None:
        """A tag's value. Azure treats tag names as equal in any casing."""
        return next((v for n, v in self.tags if same_name(n, name)), None)


class TagDemand(Value):
    """A tag that Azure Policy demands. Without it, no resource group can be made."""

    tag: str
    values: tuple[str, ...]
    """The allowed values. If empty, any value is allowed."""
    policy: str
    """The assignment's name, as people see it."""


class TagDemands(Value):
    """The demands of the subscription's policies on a new resource group."""

    demands: tuple[TagDemand, ...]
    not_understood: tuple[str, ...]
    """Policies that may forbid a resource group. This tool does not understand their rules."""
