"""The guidance of a playbook: what a person does when no rung is left.

A guest's commands, paths and services depend on its operating system. So they stand under
`windows` or `linux`, and a person gets those of the VM's own system; both only if the system is not
known.
"""

import shlex
from collections.abc import Iterator
from typing import Any, Final

from remediator.language import marked
from remediator.value import Value

PLACEHOLDERS: Final = (
    "{vm}",
    "{vm_name}",
    "{vm_group}",
    "{subscription}",
    "{vm_subscription}",
    "{vault}",
    "{vault_name}",
    "{vault_group}",
    "{job}",
)
"""The allowed placeholders in a command of `manual:`. Each is replaced by its quoted value."""

SYSTEMS: Final = {"windows": marked("On Windows:"), "linux": marked("On Linux:")}
"""The operating systems, as a VM names them, and the heading above the guidance for each."""


class Guidance(Value):
    """The part of the guidance that is only for one operating system."""

    text: str = ""
    commands: tuple[str, ...] = ()
    """Exact commands. Braces may hold only the known placeholders."""


class Manual(Value):
    """The instructions for a person when no rung is left."""

    text: str
    commands: tuple[str, ...] = ()
    """Exact commands. Braces may hold only the known placeholders."""
    windows: Guidance = Guidance()
    """What else a person does if the VM's system is Windows."""
    linux: Guidance = Guidance()
    """What else a person does if the VM's system is Linux."""

    @property
    def systems(self) -> dict[str, Guidance]:
        """The guidance for each operating system that has some, in the order of `SYSTEMS`."""
        each = {"windows": self.windows, "linux": self.linux}
        return {name: part for name, part in each.items() if part.text or part.commands}

    def texts(self, system: str | None) -> tuple[str, ...]:
        """The texts for an operating system.

        Args:
            system: one of `SYSTEMS`; None if it is not known, which gives the texts of both.
        """
        if system in SYSTEMS:
            told = (part.text for name, part in self.systems.items() if name == system)
            return (self.text, *filter(None, told))
        headed = (
            line
            for name, part in self.systems.items()
            if part.text
            for line in (SYSTEMS[name], part.text)
        )
        return (self.text, *headed)

    def commands_for(self, system: str | None) -> tuple[str, ...]:
        """The commands for an operating system, those for every system first.

        Args:
            system: one of `SYSTEMS`; None if it is not known, which gives the commands of both.
        """
        names = [name for name in self.systems if system not in SYSTEMS or name == system]
        return (*self.commands, *(c for name in names for c in self.systems[name].commands))


def command_problems(manual: Any) -> Iterator[tuple[tuple[Any, ...], str]]:
    """The problems of the commands: each one's place below `manual`, and what is wrong."""
    for at, part in _parts(manual):
        commands = part.get("commands")
        for n, command in enumerate(commands if isinstance(commands, list) else ()):
            if not _placeholders_alone(str(command)):
                known = ", ".join(PLACEHOLDERS)
                told = f"a placeholder in {command!r} is not one of {known}, standing alone"
                yield (*at, "commands", n), told


def _parts(manual: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The mappings that may hold commands, each with its place."""
    if isinstance(manual, dict):
        yield (), manual
        for name in SYSTEMS:
            if isinstance(manual.get(name), dict):
                yield (name,), manual[name]


def _placeholders_alone(command: str) -> bool:
    """Whether each placeholder is a word of its own.

    Its value is quoted, and quotes do not nest.
    """
    try:
        words = (*command.split(), *shlex.split(command))
    except ValueError:  # a quote left open
        return False
    return all(word in PLACEHOLDERS for word in words if "{" in word or "}" in word)
