"""Management locks."""

from remediator.value import Value


class Lock(Value):
    """A management lock, whole enough to be put back as it was."""

    id: str
    name: str
    scope: str
    level: str
    notes: str | None
    owners: tuple[str, ...]
    """Application ids. A lock that an application owns is never taken off."""

    @property
    def read_only(self) -> bool:
        """ReadOnly also blocks POST: no restart, no reapply, no backup from such a scope."""
        return self.level.lower() == "readonly"
