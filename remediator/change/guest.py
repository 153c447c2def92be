"""Guest scripts: the files that Run Command runs in a VM, and the answers of the scripts.

The scripts are part of the tool and are reviewed with it. They take no parameters. No text from
Azure, from a job or from a user's file ever becomes part of a script.
"""

from functools import cache
from pathlib import Path
from typing import Final

from pydantic import FiniteFloat, ValidationError

from remediator.installed import built_in_folder
from remediator.redaction import redacted_in
from remediator.value import Value

_SUFFIX: Final = {"windows": ".ps1", "linux": ".sh"}
COMMANDS: Final = {"windows": "RunPowerShellScript", "linux": "RunShellScript"}
"""The built-in commands of Run Command, by the VM's operating system."""

KEPT: Final = {
    "RunPowerShellScript": r"C:\ProgramData\remediate\undo",
    "RunShellScript": "/var/lib/remediate/undo",
}
"""Where the scripts of a built-in command keep, in the guest, what they change."""


ACT_LATER: Final = frozenset({"restart-agent", "reinstall-extension", "update-agent"})
"""The scripts that order something for the agent, to be done after they have ended."""

_WAITS: Final = (True, "active")
"""What restart-agent says while its order waits: on Windows, and of systemd's timer."""


def system_of(command: str) -> str | None:
    """The operating system of a built-in command; None for another command."""
    return next((system for system, known in COMMANDS.items() if known == command), None)


Plain = bool | int | FiniteFloat | str | None
Part = Plain | list[Plain] | dict[str, Plain]
Told = Plain | list[Part] | dict[str, Part]
"""A script's data about one thing. It is not nested deeper than this. So it can always be recorded,
read again and shown, whatever runs in the guest."""


class GuestScript(Value):
    """A script for one operating system."""

    name: str
    os: str
    text: str

    @property
    def file(self) -> str:
        """The file of the script, in the folder of the playbooks."""
        return f"scripts/{self.name}{_SUFFIX[self.os]}"

    @property
    def only_looks(self) -> bool:
        """Whether the script changes nothing in the guest."""
        return self.name.startswith("diagnose-")

    @property
    def does(self) -> str:
        """What the script does, from the first line of its own comment."""
        for line in self.text.splitlines():
            told = line.lstrip("#<> ").strip()
            if told and not line.startswith("#!"):
                return told
        return self.name


class GuestAnswer(Value):
    """The report of a script on its work, in one line of JSON."""

    script: str
    version: int
    before: dict[str, Told]
    changed: tuple[str, ...]
    after: dict[str, Told]
    undo: str | None
    """Where the script keeps, in the guest, what it changed."""
    problem: str | None
    """Why the state is not as it should be. None when the state is right."""
    next: str | None = None
    """The rung that the script asks for, if it knows what the VM needs. It is only a wish: the next
    visit takes the rung if the playbook has it and its conditions hold."""

    @property
    def acts_later(self) -> bool:
        """Whether what the script ordered for the agent is still to come.

        The agent carries Run Command, so a script that restarts or updates the agent only orders
        that. The order may be an earlier one that still waits.
        """
        waits = self.after.get("update") == "waiting" or self.after.get("restart") in _WAITS
        return self.script in ACT_LATER and (bool(self.changed) or waits)


@cache
def script_names() -> frozenset[str]:
    """The names of all scripts. Some scripts exist for both systems."""
    return frozenset(path.stem for suffix in _SUFFIX.values() for path in _files(suffix))


@cache
def guest_script(name: str, os: str) -> GuestScript | None:
    """The script of that name for a system. None when there is none for that system."""
    path = next((p for p in _files(_SUFFIX.get(os, ".none")) if p.stem == name), None)
    if path is None:
        return None
    return GuestScript(name=name, os=os, text=path.read_text(encoding="ascii"))


def _files(suffix: str) -> list[Path]:
    return sorted((built_in_folder() / "scripts").glob(f"*{suffix}"))


def read_answer(script: str, output: str) -> GuestAnswer | None:
    """The script's answer in the output of Run Command. None when the output holds no answer.

    Run Command keeps only the last 4,096 bytes and adds words of its own around them. A profile in
    the guest may print too. So the last line that is this script's answer counts.
    """
    for line in reversed(output.split("\n")):
        if not line.startswith("{"):
            continue
        try:
            found = GuestAnswer.model_validate_json(line)
        except ValidationError:
            continue
        if found.script == script:
            return GuestAnswer.model_validate(redacted_in(found.model_dump()))
    return None
