"""What was asked of the benchmark."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

LATENCY: Final = 0.1
"""Seconds before each answer of the simulator, where a network is imitated."""


@dataclass(frozen=True, slots=True)
class How:
    """How to measure."""

    rounds: int = 3
    """How often each thing is measured. The median counts."""
    tiny: bool = False
    """Whether the sizes are tiny, to see that a part runs. The figures mean nothing then."""
    az: Path | None = None
    """The azure-cli to compare with. None installs it as `make conformance` does."""

    def size(self, full: int, tiny: int) -> int:
        """A size, or the tiny one instead of it."""
        return tiny if self.tiny else full
