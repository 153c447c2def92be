"""A case file: what must come of a playbook on a simulated cloud, case by case."""

import json
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from remediator.errors import PlaybookError
from remediator.yaml_file import plain, read_yaml

FLAGS: Final = (
    "--allow",
    "--allow-data-loss",
    "--error-code",
    "--backup-service-object-id",
    "--restore-point-limit",
    "--timeout",
    "--lang",
)
"""The options that a case may set. None of them says where Azure is, or who we are: a case file
from somebody else never leads away from the local Azure."""


def _harmless(options: list[str]) -> list[str]:
    for option in options:
        if option.startswith("-") and option.partition("=")[0] not in FLAGS:
            told = ", ".join(FLAGS)
            raise ValueError(f"{option!r} is not for a case to set; those are {told}")
    return options


class Expected(BaseModel):
    """What a case says must come out."""

    model_config = ConfigDict(extra="forbid")

    rung: str | None = None
    steps: list[str]
    """`KIND ACTION` of each step, in order; equal ones in a row as `KIND ACTION * n`."""
    writes: list[str] = Field(default_factory=list)
    """`METHOD end-of-path` of each write, in order, with `*`; the same folding."""
    says: list[str] = Field(default_factory=list)
    """Texts that the plan must contain somewhere."""
    exit: int
    verdict: str | None = None
    """None: nothing is applied, and so nothing is proved."""
    state: dict[str, Any] = Field(default_factory=dict)
    """`points of VM`, `extensions of VM`, `power of VM`, `locks`, and of the protected item of a
    VM `state`, `policy`, `excluded_luns`, `snapshot_only`, and the `access` of a key vault: what is
    there in the end."""


class Case(BaseModel):
    """One case."""

    model_config = ConfigDict(extra="forbid")

    name: str
    scenario: str | dict[str, Any]
    """A scenario that comes along, by its name, or one written out here."""
    vm: str = "web"
    job: int = -1
    """Which of the VM's failed jobs, oldest first."""
    options: Annotated[list[str], AfterValidator(_harmless)] = Field(default_factory=list)
    uncured: str | None = None
    """With what the next backup fails when nothing is done; None: it would not fail."""
    proves: list[str] = Field(default_factory=list)
    """Rows of the catalogue, causes and codes for which docs/coverage.md names this case."""
    each: list[str] = Field(default_factory=list)
    """The case is run once for each of these, put in place of every `<each>` in it."""
    expect: Expected


class CaseFile(BaseModel):
    """All cases of a playbook."""

    model_config = ConfigDict(extra="forbid")

    playbook: str
    cases: list[Case]


def read(path: Path) -> CaseFile:
    """Read a case file; a case for each of several is there once for each.

    Raises:
        PlaybookError: it is no case file; with every problem.
    """
    try:
        found = CaseFile.model_validate(plain(read_yaml(path)))
    except ValidationError as error:
        problems = [
            f"{path}: {'.'.join(map(str, p['loc'])) or 'the file'}: {p['msg']}"
            for p in error.errors(include_url=False)
        ]
        raise PlaybookError("\n".join(problems)) from None
    return found.model_copy(update={"cases": [c for case in found.cases for c in spread(case)]})


def spread(case: Case) -> list[Case]:
    """The case, once for each of what it is to be run for."""
    text = case.model_copy(update={"each": []}).model_dump_json()
    return [
        Case.model_validate_json(text.replace("<each>", json.dumps(each)[1:-1]))
        for each in case.each
    ] or [case]
