"""The catalogue: which playbook is keyed by which code."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from remediator.errors import PlaybookError
from remediator.installed import built_in_folder
from remediator.playbook import Playbook, load

BUILT_IN: Final = "built-in"
"""The origin of a playbook that came with the tool."""


class Catalogue:
    """Playbooks by code. A user's playbook stands in for the built-in one of the same code.

    A built-in playbook is read when its code is asked for: a diagnosis needs one of them, and
    reading them all would cost more time than the diagnosis.
    """

    def __init__(self, brought: tuple[Playbook, ...], folder: Path) -> None:
        self._brought = brought
        self._folder = folder
        self._built_in = cache(self._read_built_in)

    @property
    def playbooks(self) -> tuple[Playbook, ...]:
        """Every playbook, a user's first.

        Raises:
            PlaybookError: a built-in one is wrong, or two claim a code.
        """
        own = _unique(tuple(read_folder(self._folder, BUILT_IN)))
        theirs = {code.lower() for playbook in self._brought for code in playbook.codes}
        left = (
            playbook.model_copy(
                update={"codes": tuple(c for c in playbook.codes if c.lower() not in theirs)}
            )
            for playbook in own
        )
        return self._brought + tuple(playbook for playbook in left if playbook.codes)

    def find(self, code: str | None) -> Playbook | None:
        """The playbook keyed by a code, in any casing."""
        if code is None or not code.strip():
            return None
        wanted = code.strip().lower()
        return _keyed(self._brought, wanted) or self._built_in(wanted)

    def stands_in(self, playbook: Playbook, code: str) -> bool:
        """Whether a user's playbook is taken for this code where a built-in one exists."""
        return playbook.origin != BUILT_IN and self._built_in(code.lower()) is not None

    def spelling(self, code: str) -> str | None:
        """The code as its playbook spells it; None when no playbook is keyed by it."""
        playbook = self.find(code)
        if playbook is None:
            return None
        return next(own for own in playbook.codes if own.lower() == code.strip().lower())

    def _read_built_in(self, wanted: str) -> Playbook | None:
        for path in _files(self._folder):
            if wanted in path.read_text(encoding="utf-8").lower():
                found = _keyed((load(path, BUILT_IN),), wanted)
                if found:
                    return found
        return None


def _keyed(playbooks: Iterable[Playbook], wanted: str) -> Playbook | None:
    return next((p for p in playbooks if any(c.lower() == wanted for c in p.codes)), None)


def read_folder(folder: Path, origin: str | None = None) -> Iterator[Playbook]:
    """Every playbook of a folder, by file name.

    Raises:
        PlaybookError: with the problems of all files, not only of the first.
    """
    problems: list[str] = []
    for path in _files(folder):
        try:
            yield load(path, origin or str(path))
        except PlaybookError as error:
            problems.append(str(error))
    if problems:
        raise PlaybookError("\n".join(problems))


def read_catalogue(users: Path | None = None) -> Catalogue:
    """The built-in playbooks, and a user's on top.

    Raises:
        PlaybookError: a user's file is wrong, two of them claim a code, or the folder is not there.
    """
    if users is None:
        return Catalogue((), built_in_folder())
    if not users.is_dir():
        raise PlaybookError(f"{users}: no such folder; --playbooks takes a folder of YAML files")
    return Catalogue(_unique(tuple(read_folder(users))), built_in_folder())


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.y*ml") if path.suffix in (".yaml", ".yml"))


def _unique(playbooks: tuple[Playbook, ...]) -> tuple[Playbook, ...]:
    owner: dict[str, Playbook] = {}
    problems = [
        f"{_where(playbook, code)}: code {code} belongs to {_where(other, code)} already; "
        "every code belongs to exactly one playbook"
        for playbook in playbooks
        for code in playbook.codes
        if (other := owner.setdefault(code.lower(), playbook)) is not playbook
    ]
    if problems:
        raise PlaybookError("\n".join(problems))
    return playbooks


def _where(playbook: Playbook, code: str) -> str:
    """File and line at which a playbook claims a code."""
    path = Path(playbook.origin)
    if not path.is_file():
        return playbook.name
    lines = path.read_text(encoding="utf-8").lower().splitlines()
    found = next((n for n, line in enumerate(lines, 1) if code.lower() in line), 1)
    return f"{path}:{found}"
