"""Find the fields that the tool reads, by playing the cases of all playbooks."""

from collections.abc import Iterable
from dataclasses import dataclass

from remediator.proving.casefile import Case
from tests.cases import FILES
from tests.dropout.kinds import Field
from tests.dropout.stage import Stage


@dataclass(frozen=True)
class Seen:
    """A field that is read."""

    field: Field
    readers: tuple[str, ...]
    """The modules that read it. `the SDK` stands for the SDK's own code."""
    simulated: bool
    """Whether some answer of the simulator had it, in some case."""


def cases() -> list[tuple[str, Case]]:
    """The cases of all playbooks. A case for several wordings of an error counts once."""
    return [
        (file.playbook, case)
        for file in FILES
        for case in {c.name: c for c in reversed(file.cases)}.values()
    ]


def observe(wanted: Iterable[tuple[str, Case]]) -> list[Seen]:
    """Play cases, and gather the fields that are read."""
    readers: dict[Field, set[str]] = {}
    present: set[Field] = set()
    spelled: dict[str, str] = {}
    with Stage() as stage:
        for number, (playbook, case) in enumerate(wanted, 1):
            print(f"{number} {playbook}: {case.name}", flush=True)
            _, found = stage.observe(case)
            for field, modules in found.readers.items():
                kind = spelled.setdefault(field.kind.lower(), field.kind)
                readers.setdefault(Field(kind, field.path), set()).update(modules)
            present |= {
                Field(spelled.get(each.kind.lower(), each.kind), each.path)
                for each in found.present
            }
    return [
        Seen(field, tuple(sorted(modules)), field in present)
        for field, modules in sorted(readers.items())
    ]
