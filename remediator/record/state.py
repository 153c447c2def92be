"""Where runs are remembered: a SQLite file for one process, or a shared PostgreSQL database."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from remediator.errors import BadInputError

_OWNER_ONLY = 0o700


@dataclass(frozen=True, slots=True)
class State:
    """A place for runs."""

    url: str
    """The URL for DBOS. It may hold a password, so it is never shown."""
    folder: Path
    """The folder for records, keys and lock files. PostgreSQL needs it too."""
    file: Path | None = None
    """The SQLite file. None with PostgreSQL."""

    @property
    def shared(self) -> bool:
        """Whether several processes may use the state at the same time."""
        return self.file is None

    @property
    def shown(self) -> str:
        """The place without its password."""
        if self.file is not None:
            return str(self.file)
        parts = urlsplit(self.url)
        return f"postgresql://{parts.hostname or ''}{parts.path}"


def state_at(said: str | None, folder: Path) -> State:
    """The state that a person named: a PostgreSQL URL, `sqlite:///FILE`, or a folder.

    Raises:
        BadInputError: the text is none of these.
    """
    if said is None or "://" not in said:
        return _sqlite((Path(said) if said else folder) / "state.sqlite")
    scheme, _, rest = said.partition("://")
    if scheme in ("postgresql", "postgres"):
        return State(f"postgresql://{rest}", folder)
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return _sqlite(Path(rest[1:]))
    raise BadInputError("--state takes a folder, sqlite:///FILE or postgresql://USER@HOST/DATABASE")


def _sqlite(file: Path) -> State:
    whole = file.absolute()
    return State(f"sqlite:///{whole}", whole.parent, whole)


def make_folder(folder: Path) -> None:
    """Make the folder, for its owner alone.

    Raises:
        BadInputError: the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY)
    except OSError as error:
        raise BadInputError(
            f"cannot keep runs in {folder}: {error.strerror}; choose another place with --state"
        ) from None
