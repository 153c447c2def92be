"""The counts of one command, VM by VM."""

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts the VMs whose plans one command has begun to apply."""

    begun: int = 0
    failed: int = 0

    def begin(self) -> "Tally":
        """The tally with one more VM that is about to be changed."""
        return replace(self, begun=self.begun + 1)

    def fail(self) -> "Tally":
        """The tally with one more VM that was not fixed."""
        return replace(self, failed=self.failed + 1)


NOTHING_YET: Final = Tally()
