"""A case file: the expected results of a playbook on a simulated cloud, case by case."""

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
"""The options that a case may set. None of them says where Azure is, or who we are. So a foreign
case file never leads away from the local Azure."""


def _harmless(options: list[str]) -> list[str]:
    for option in options:
        if option.startswith("-") and option.partition("=")[0] not in FLAGS:
            told = ", ".join(FLAGS)
            raise ValueError(f"{option!r} is not for a case to set; those are {told}")
    return options


class Expected(BaseModel):
    """The expected results of a case."""

    model_config = ConfigDict(extra="forbid")

    rung: str | None = None
    steps: list[str]
    """`KIND ACTION` of each step, in order. Equal neighbours are written `KIND ACTION * n`."""
    writes: list[str] = Field(default_factory=list)
    """`METHOD end-of-path` of each write, in order, with `*`. Equal neighbours are folded in the
    same way."""
    says: list[str] = Field(default_factory=list)
    """Texts that the plan must contain somewhere."""
    exit: int
    verdict: str | None = None
    """None: nothing is applied, so nothing is proved."""
    state: dict[str, Any] = Field(default_factory=dict)
    """The final state: `points of VM`, `extensions of VM`, `power of VM`, `locks`; of the protected
    item of a VM: `state`, `policy`, `excluded_luns`, `snapshot_only`; and the `access` of a key
    vault."""


class Case(BaseModel):
    """One case."""

    model_config = ConfigDict(extra="forbid")

    name: str
    scenario: str | dict[str, Any]
    """The name of a built-in scenario, or a scenario written out here."""
    vm: str = "web"
    job: int = -1
    """The index of the VM's failed job, oldest first."""
    options: Annotated[list[str], AfterValidator(_harmless)] = Field(default_factory=list)
    uncured: str | None = None
    """The code with which the next backup fails if nothing is done. None: this is not tested."""
    proves: list[str] = Field(default_factory=list)
    """Rows of the catalogue, causes and codes for which docs/coverage.md names this case."""
    each: list[str] = Field(default_factory=list)
    """The case is run once for each of these values. The value replaces every `<each>` in the
    case."""
    expect: Expected
    then: list[Expected] = Field(default_factory=list)
    """The next visits, one after the other on the same cloud. Each one begins without any state, as
    on another machine, and is for the VM's newest failed job."""

    @property
    def visits(self) -> tuple[Expected, ...]:
        """All visits, the first one first."""
        return (self.expect, *self.then)


class CaseFile(BaseModel):
    """All cases of a playbook."""

    model_config = ConfigDict(extra="forbid")

    playbook: str
    cases: list[Case]


def read(path: Path) -> CaseFile:
    """Read a case file. A case with several values of `each` is returned once for each value.

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
    """The case, once for each of its values."""
    text = case.model_copy(update={"each": []}).model_dump_json()
    return [
        Case.model_validate_json(text.replace("<each>", json.dumps(each)[1:-1]))
        for each in case.each
    ] or [case]
