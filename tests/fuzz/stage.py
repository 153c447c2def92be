"""The stage on which a round is played: a simulator, the man in the middle, and the command."""

import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from tests.command import completed, environment
from tests.fuzz.cases import ALL_CONSENT, Plot, plots
from tests.fuzz.rounds import Kind, Round
from tests.theatre import Theatre

Json = dict[str, Any]

TOOL: Final = "tests.fuzz.tool"
TIMEOUT: Final = 8
"""The run's `--timeout`, in seconds."""
PATIENCE: Final = 180.0
"""The most seconds for a command, even on a busy machine. After that it counts as stuck."""
HOUR: Final = 3600.0


@dataclass(frozen=True)
class Ran:
    """The evidence of a round after its command has ended."""

    kind: Kind
    vm: str
    code: int | None
    """None if the command did not end and was killed."""
    out: str
    err: str
    token: str
    files: dict[str, str]
    """The files that it wrote, by name: records and the audit trail."""
    log: list[Json]
    before: Json
    ended: Json
    """The simulator's state when the command had ended."""
    after: Json
    """The state one hour later, when everything has come to rest."""
    seconds: float = 0.0
    acts: tuple[str, ...] = ()
    """The acts of the other administrator."""


class Stage(Theatre):
    """Plays rounds: ``with Stage() as stage: stage.play(round_of(…))``, any number of times."""

    @cached_property
    def plots(self) -> list[Plot]:
        """The plots that can be played."""
        return plots(self.azure, self._folder)

    def play(self, wanted: Round, module: str = TOOL, *before: str) -> Ran:
        """Play a round to its end.

        Args:
            wanted: the round. Afterwards its rules know what they did.
            module: the module to run. It takes the arguments `before`, then those of the command.
            before: the arguments before those of the command.
        """
        plot = wanted.plot
        state = self.show(plot.scenario)
        for fault in wanted.faults:
            self.azure.fault(**fault)
        wanted.memory.host = self._middle.url
        self._middle.rules = wanted.rules
        job = state["failed_jobs"][plot.vm][plot.job]
        arguments = [*before, "--job-id", job, "--format", "json", *plot.options]
        arguments += ["--timeout", f"{TIMEOUT}s", *ALL_CONSENT]
        arguments += ["--dry-run"] if wanted.kind == "plan" else ["--yes"]
        began = time.monotonic()
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            records = Path(folder) / "state"
            records.mkdir()
            self._state.lend(records)
            env = environment(self.azure, records) | {
                "REMEDIATE_ARM_ENDPOINT": self._middle.url,
                "XDG_STATE_HOME": str(Path(folder) / "home"),
            }
            code, out, err = self._ended(module, arguments, env)
            self._state.learn(records)
            files = _texts(Path(folder))
        seconds = time.monotonic() - began
        self._middle.rules = []
        ended, log = self.azure.state(), self.azure.requests()
        self.azure.advance(HOUR)
        return Ran(
            kind=wanted.kind,
            vm=plot.vm,
            code=code,
            out=out,
            err=err,
            token=self.azure.token,
            files=files,
            log=log,
            before=state,
            ended=ended,
            after=self.azure.state(),
            seconds=seconds,
            acts=tuple(each.act for each in wanted.acts if each.done),
        )

    def _ended(
        self, module: str, arguments: list[str], env: dict[str, str]
    ) -> tuple[int | None, str, str]:
        try:
            code, out, err = completed(
                module, *arguments, env=env, cwd=self._folder, within=PATIENCE
            )
        except subprocess.TimeoutExpired:
            return None, "", ""
        return code, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")


def _texts(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text("utf-8", "replace")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
