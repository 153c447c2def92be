"""Management locks."""

from remediator.value import Value


class Lock(Value):
    """A management lock, with all data for putting it back as it was."""

    id: str
    name: str
    scope: str
    level: str
    notes: str | None
    owners: tuple[str, ...]
    """Application ids. A lock that an application owns is never taken off."""

    @property
    def read_only(self) -> bool:
        """Whether the lock also blocks POST: no restart, reapply or backup in its scope."""
        return self.level.lower() == "readonly"
