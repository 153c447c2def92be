"""The catalogue: which playbook is keyed by which code."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from remediator.errors import PlaybookError
from remediator.playbook import Playbook, load


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Playbooks by code; a user's playbook has replaced the built-in one for the same code."""

    playbooks: tuple[Playbook, ...]
    replaced: tuple[str, ...] = ()
    """Codes for which a user's playbook stands in for a built-in one."""

    def find(self, code: str | None) -> Playbook | None:
        """The playbook keyed by a code, in any casing."""
        if code is None:
            return None
        wanted = code.strip().lower()
        for playbook in self.playbooks:
            if any(own.lower() == wanted for own in playbook.codes):
                return playbook
        return None

    def spelling(self, code: str) -> str | None:
        """The code as its playbook spells it; None when no playbook is keyed by it."""
        playbook = self.find(code)
        if playbook is None:
            return None
        return next(own for own in playbook.codes if own.lower() == code.strip().lower())


def built_in_folder() -> Path:
    """Where the playbooks are that came with the tool.

    In an installed wheel they lie inside the package, in a source tree beside it.
    """
    package = Path(str(files("remediator")))
    inside = package / "playbooks"
    return inside if inside.is_dir() else package.parent / "playbooks"


def read_folder(folder: Path, origin: str | None = None) -> Iterator[Playbook]:
    """Every playbook of a folder, by file name.

    Raises:
        PlaybookError: with the problems of all files, not only of the first.
    """
    problems: list[str] = []
    paths = sorted(path for path in folder.glob("*.y*ml") if path.suffix in (".yaml", ".yml"))
    for path in paths:
        try:
            yield load(path, origin or str(path))
        except PlaybookError as error:
            problems.append(str(error))
    if problems:
        raise PlaybookError("\n".join(problems))


def read_catalogue(users: Path | None = None) -> Catalogue:
    """The built-in playbooks, and a user's on top.

    Raises:
        PlaybookError: a file is wrong, two files of one folder claim a code, or a user's folder
            does not exist.
    """
    own = _unique(tuple(read_folder(built_in_folder(), "built-in")))
    if users is None:
        return Catalogue(own)
    if not users.is_dir():
        raise PlaybookError(f"{users}: no such folder; --playbooks takes a folder of YAML files")
    brought = _unique(tuple(read_folder(users)))
    theirs = {code.lower() for playbook in brought for code in playbook.codes}
    replaced = tuple(c for playbook in own for c in playbook.codes if c.lower() in theirs)
    left = tuple(
        playbook.model_copy(
            update={"codes": tuple(c for c in playbook.codes if c.lower() not in theirs)}
        )
        for playbook in own
    )
    return Catalogue(brought + tuple(p for p in left if p.codes), replaced)


def _unique(playbooks: tuple[Playbook, ...]) -> tuple[Playbook, ...]:
    owner: dict[str, Playbook] = {}
    for playbook in playbooks:
        for code in playbook.codes:
            other = owner.setdefault(code.lower(), playbook)
            if other is not playbook:
                raise PlaybookError(
                    f"code {code} belongs to both {other.name} and {playbook.name}; "
                    "every code belongs to exactly one playbook"
                )
    return playbooks
