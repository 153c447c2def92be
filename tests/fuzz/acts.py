"""Another administrator. He acts between two requests: after an answer, before it goes on."""

import re
from dataclasses import dataclass, field
from random import Random
from typing import Final

from remediator.simulator.process import SimulatorProcess
from tests.between import Asked, Told
from tests.fuzz.strike import is_change

ACTS: Final = (
    "locks-back",
    "locks-back-read-only",
    "backup",
    "stop-protection",
    "delete-vm",
    "recreate-vm",
    "delete-collection",
    "install-extension",
    "power",
)

_READS = re.compile(r"(/operations/|operationresults|operationsstatus|backupjobs)", re.IGNORECASE)


@dataclass
class Administrator:
    """A rule that alters no answer. At one moment it lets the administrator act."""

    azure: SimulatorProcess
    vm: str
    act: str
    after: str
    """The kind of requests that are counted: `write`, `poll` or `any`."""
    number: int
    done: bool = field(default=False)
    """Whether the act was possible and done."""
    _seen: int = 0

    def __call__(self, asked: Asked, told: Told) -> Told:
        """Count the request, and act when its number is reached."""
        if self._counts(asked):
            self._seen += 1
            if self._seen == self.number:
                self.done = self.azure.act(self.act, self.vm)
        return told

    def _counts(self, asked: Asked) -> bool:
        if self.after == "write":
            return is_change(asked)
        return self.after == "any" or bool(_READS.search(asked.path))


def administrator(azure: SimulatorProcess, vm: str, rng: Random) -> Administrator:
    """One random act, at a random moment."""
    after, most = rng.choice((("write", 4), ("poll", 12), ("any", 60)))
    return Administrator(azure, vm, rng.choice(ACTS), after, rng.randint(1, most))
