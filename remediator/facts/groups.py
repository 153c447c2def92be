"""Resource groups, and what policies demand of a new one."""

from remediator.ids import same_name
from remediator.value import Value


class Group(Value):
    """A resource group."""

    id: str
    name: str
    location: str
    tags: tuple[tuple[str, str], ...]

    def tag(self, name: str) -> str | None:
        """A tag's value; Azure takes tag names in any casing."""
        return next((v for n, v in self.tags if same_name(n, name)), None)


class TagDemand(Value):
    """A tag without which Azure Policy lets no resource group be made."""

    tag: str
    values: tuple[str, ...]
    """One of these; any, when there are none."""
    policy: str
    """The assignment's name as people see it."""


class TagDemands(Value):
    """What the subscription's policies demand of a new resource group."""

    demands: tuple[TagDemand, ...]
    not_understood: tuple[str, ...]
    """Policies that may forbid a resource group, by rules that are not read here."""
