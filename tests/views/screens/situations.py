"""The commonest situations at a terminal."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from remediator.simulator.process import SimulatorProcess
from tests.evidence import scenario

SIZES: Final = ((24, 80), (40, 120), (50, 160))
"""Rows and columns of a terminal."""


@dataclass(frozen=True, slots=True)
class Situation:
    """A command, and the cloud that it meets."""

    name: str
    cloud: str | Mapping[str, Any]
    """The name of a built-in scenario, or what is the matter with the VM `web`."""
    options: tuple[str, ...] = ("--dry-run",)
    job: int | None = -1
    """Which failed job of the VM is named. None if the command names no job."""
    keys: str = ""
    """What the person types at the question."""

    def arguments(self, azure: SimulatorProcess) -> list[str]:
        """The arguments of the command."""
        if self.job is None:
            return list(self.options)
        return ["--job-id", azure.failed_jobs("web")[self.job], *self.options]

    def place(self, folder: Path) -> str | Path:
        """The scenario: its name, or its file in a folder."""
        return self.cloud if isinstance(self.cloud, str) else scenario(folder, dict(self.cloud))


_RECOVERED: Final = {
    "history": [
        {"code": "UserErrorVmProvisioningStateFailed", "at": "5h ago"},
        {"status": "Completed", "at": "1h ago"},
    ]
}

SITUATIONS: Final = (
    Situation("can-be-fixed", "limit-reached"),
    Situation("can-be-fixed-in-detail", "limit-reached", ("--dry-run", "--details")),
    Situation("needs-consent", "agent-unavailable"),
    Situation("needs-a-human", "limit-reached-protected-locks"),
    Situation("unknown-code", "unknown-code"),
    Situation("recovered-since", _RECOVERED, job=0),
    Situation("declined", "limit-reached", (), keys="n\n"),
    Situation("fixed", "limit-reached", ("--yes",)),
    Situation("may-not", "permission-denied", ("--yes",)),
    Situation("scan", "demo", ("scan",), job=None),
    Situation("no-such-job", "limit-reached", ("--job-id", "tonight"), job=None),
)
