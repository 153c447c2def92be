"""The catalogue: the codes and messages that lead to each playbook."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from remediator.errors import BadInputError, PlaybookError, closest, did_you_mean
from remediator.installed import built_in_folder
from remediator.job import index
from remediator.job.dictionary import Dictionary, Entry, Found, key
from remediator.job.index import Row

if TYPE_CHECKING:
    from remediator.playbook.playbook import Playbook

BUILT_IN: Final = "built-in"
"""The origin of a playbook that came with the tool."""

_MISSPELT: Final = 0.85
"""How similar an unknown code must be to a known one to count as a misspelling. 1 means equal."""


class Catalogue:
    """Playbooks by code and by message.

    A user's playbook replaces the built-in one of the same code.

    A built-in playbook is found through the index, and read only when it is requested. A diagnosis
    needs one of them. Reading all of them would take more time than the diagnosis.
    """

    def __init__(self, brought: "tuple[Playbook, ...]", folder: Path) -> None:
        self._brought = brought
        self._folder = folder
        self._built_in = cache(self._read_built_in)

    @cached_property
    def playbooks(self) -> "tuple[Playbook, ...]":
        """Every playbook, a user's first.

        Raises:
            PlaybookError: a built-in one is wrong, or two claim a code.
        """
        own = _unique(tuple(read_folder(self._folder, BUILT_IN)))
        theirs = {key(code) for playbook in self._brought for code in playbook.codes}
        left = (_without(playbook, theirs) for playbook in own)
        return self._brought + tuple(playbook for playbook in left if playbook.codes)

    def get_ready(self) -> None:
        """Load what the first classification and the first `find` need.

        This takes a tenth of a second. It can be done while the first answer is on its way, in a
        thread of its own.
        """
        import ruamel.yaml  # noqa: F401 - `find` reads a file with it

        from remediator.playbook.playbook import file_model

        file_model()
        _ = self._rows_by_key

    def find(self, code: str | None) -> "Playbook | None":
        """The playbook keyed by a code, in any casing, or by the code of a number."""
        if code is None or not code.strip():
            return None
        wanted = key(self._named(code))
        return _keyed(self._brought, wanted) or self._built_in(wanted)

    def stands_in(self, playbook: "Playbook", code: str) -> bool:
        """Whether a user's playbook replaces a built-in one for this code."""
        return playbook.origin != BUILT_IN and self._built_in(key(code)) is not None

    def row(self, code: str) -> Row | None:
        """The row of the playbook keyed by a code, in any casing, or by a number's code."""
        code = self._named(code)
        if row := self._rows_by_key.get(key(code)):
            return row
        playbook = self.find(code)
        return _row(playbook) if playbook else None

    def known(self, code: str) -> Row:
        """The row of the playbook keyed by a code or number that a person typed.

        Raises:
            BadInputError: no playbook has it. The error names the closest code.
        """
        if (row := self.row(code)) is not None:
            return row
        near = did_you_mean(code, self._codes, "remediate playbooks list")
        raise BadInputError(f"no playbook has the code {code!r}{near}")

    def not_misspelt(self, code: str) -> None:
        """Check a code that may be unknown, because Azure has codes that no playbook is about.

        Raises:
            BadInputError: the code is unknown, and looks like a known one.
        """
        if not code.strip().isdecimal() and closest(code, self._codes, like=_MISSPELT):
            self.known(code)

    @property
    def _codes(self) -> Iterator[str]:
        return (code for row in self.rows for code in row.codes)

    def file(self, row: Row) -> Path:
        """The path of a playbook's file."""
        return self._folder / row.file if row.origin == BUILT_IN else Path(row.origin)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of all playbooks, a user's first. A broken built-in one is left out."""
        return (*self._brought_rows, *self._index, *self._not_indexed)

    def entry(self, code: str) -> Entry | None:
        """The entry of a code, in any casing, or of its number; None when there is no playbook."""
        code = self._named(code)
        row = self.row(code)
        return _dictionary((row,)).entry(code) if row else None

    def inner_codes(self, text: str) -> tuple[Found, ...]:
        """Known codes that are the `code` of an error in a JSON body inside the text."""
        return self.dictionary.inner_codes(text)

    def mentioned_codes(self, text: str, names: frozenset[str]) -> tuple[Found, ...]:
        """Known codes that stand in the text as a word."""
        return self.dictionary.mentioned_codes(text, names)

    def messages(self, text: str, names: frozenset[str]) -> tuple[Found, ...]:
        """Known messages that the text consists of or holds, the longest first."""
        return self.dictionary.messages(text, names)

    def _named(self, code: str) -> str:
        """The code of a number. Other texts, and unknown numbers, are returned unchanged."""
        entry = self.dictionary.entry(code) if code.strip().isdecimal() else None
        return entry.code if entry else code

    @cached_property
    def dictionary(self) -> Dictionary:
        """All codes and messages. Those of a replaced playbook lead to its replacement."""
        return _dictionary(self.rows)

    @cached_property
    def _brought_rows(self) -> tuple[Row, ...]:
        return tuple(_row(playbook) for playbook in self._brought)

    @cached_property
    def _built_in_files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in _files(self._folder)}

    @cached_property
    def _index(self) -> tuple[Row, ...]:
        """The rows of the index that match their files."""
        digests = {name: index.digest(raw) for name, raw in self._built_in_files.items()}
        return tuple(r for r in index.read(self._folder) if digests.get(r.file) == r.digest)

    @cached_property
    def _rows_by_key(self) -> dict[str, Row]:
        """The rows that need no reading, by the keys of their codes. A user's row wins."""
        found: dict[str, Row] = {}
        for row in (*self._brought_rows, *self._index):
            for code in row.codes:
                found.setdefault(key(code), row)
        return found

    @cached_property
    def _not_indexed(self) -> tuple[Row, ...]:
        """The rows of files that do not match the index. A broken file is skipped here.

        A request for one of its codes raises the error.
        """
        found = []
        for name in self._changed_since():
            with suppress(PlaybookError):
                found.append(_row(self._read(name)))
        return tuple(found)

    def _changed_since(self) -> list[str]:
        """Files without a matching row in the index."""
        return sorted(self._built_in_files.keys() - {row.file for row in self._index})

    def _read_built_in(self, wanted: str) -> "Playbook | None":
        for row in self._index:
            if any(key(code) == wanted for code in row.codes):
                return self._read(row.file)
        for name in self._changed_since():
            if wanted.encode() in self._built_in_files[name].lower():
                found = _keyed((self._read(name),), wanted)
                if found:
                    return found
        return None

    def _read(self, name: str) -> "Playbook":
        from remediator.playbook.playbook import load

        return load(self._folder / name, BUILT_IN)


def _row(playbook: "Playbook") -> Row:
    from remediator.playbook.indexing import row

    return row(playbook, Path(playbook.origin).name)


def _dictionary(rows: Iterable[Row]) -> Dictionary:
    kept = tuple(rows)
    return Dictionary(
        (entry for row in kept for entry in row.entries),
        (message for row in kept for message in row.known),
    )


def _without(playbook: "Playbook", theirs: set[str]) -> "Playbook":
    """A built-in playbook without the codes for which a user's playbook replaces it."""
    codes = tuple(code for code in playbook.codes if key(code) not in theirs)
    numbers = {code: number for code, number in playbook.numbers.items() if code in codes}
    return playbook.model_copy(update={"codes": codes, "numbers": numbers})


def _keyed(playbooks: "Iterable[Playbook]", wanted: str) -> "Playbook | None":
    return next((p for p in playbooks if any(key(c) == wanted for c in p.codes)), None)


def read_folder(folder: Path, origin: str | None = None) -> "Iterator[Playbook]":
    """Every playbook of a folder, by file name.

    Raises:
        PlaybookError: with the problems of all files, not only of the first.
    """
    from remediator.playbook.playbook import load

    problems: list[str] = []
    inside = folder.resolve()
    for path in _files(folder):
        try:
            if origin is None and inside not in path.resolve().parents:
                raise PlaybookError(f"{path}:1: it leads out of the folder, and is not read")
            yield load(path, origin or str(path))
        except PlaybookError as error:
            problems.append(str(error))
    if problems:
        raise PlaybookError("\n".join(problems))


def read_catalogue(users: Path | None = None) -> Catalogue:
    """The built-in playbooks, and a user's in front of them.

    Raises:
        PlaybookError: a user's file is wrong, two of them claim a code, or the folder does not
            exist.
    """
    if users is None:
        return _built_in()
    if not users.is_dir():
        raise PlaybookError(f"{users}: no such folder; --playbooks takes a folder of YAML files")
    return Catalogue(_unique(tuple(read_folder(users))), built_in_folder())


@cache
def _built_in() -> Catalogue:
    """The built-in playbooks. Read once, because planning and telling a run both need them."""
    return Catalogue((), built_in_folder())


def _files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.glob("*.y*ml")
        if path.suffix in (".yaml", ".yml") and not path.stem.endswith(".cases")
    )


def _unique(playbooks: "tuple[Playbook, ...]") -> "tuple[Playbook, ...]":
    owner: dict[str, Playbook] = {}
    problems = [
        f"{_where(playbook, code)}: code {code} belongs to {_where(other, code)} already; "
        "every code belongs to exactly one playbook"
        for playbook in playbooks
        for code in playbook.codes
        if (other := owner.setdefault(key(code), playbook)) is not playbook
    ]
    numbered: dict[int, Playbook] = {}
    problems += [
        f"{_where(playbook, str(number))}: number {number} belongs to "
        f"{_where(other, str(number))} already; every number belongs to exactly one code"
        for playbook in playbooks
        for number in playbook.numbers.values()
        if (other := numbered.setdefault(number, playbook)) is not playbook
    ]
    if problems:
        raise PlaybookError("\n".join(problems))
    return playbooks


def _where(playbook: "Playbook", code: str) -> str:
    """The file and line where a playbook claims a code."""
    path = Path(playbook.origin)
    if not path.is_file():
        return playbook.name
    lines = path.read_text(encoding="utf-8").lower().splitlines()
    found = next((n for n, line in enumerate(lines, 1) if code.lower() in line), 1)
    return f"{path}:{found}"
