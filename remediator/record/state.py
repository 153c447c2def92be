"""Where runs are remembered: a SQLite file of one's own, or a PostgreSQL that several share."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from remediator.errors import BadInputError

_OWNER_ONLY = 0o700


@dataclass(frozen=True, slots=True)
class State:
    """A place for runs."""

    url: str
    """For DBOS. May hold a password: never shown."""
    folder: Path
    """For records, keys and lock files; also with PostgreSQL."""
    file: Path | None = None
    """The SQLite file; None with PostgreSQL."""

    @property
    def shared(self) -> bool:
        """Whether several processes may use it at a time."""
        return self.file is None

    @property
    def shown(self) -> str:
        """The place without its password."""
        if self.file is not None:
            return str(self.file)
        parts = urlsplit(self.url)
        return f"postgresql://{parts.hostname or ''}{parts.path}"


def state_at(said: str | None, folder: Path) -> State:
    """The state that a person names: a PostgreSQL URL, `sqlite:///FILE`, or a folder.

    Raises:
        BadInputError: neither of these.
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
        BadInputError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY)
    except OSError as error:
        raise BadInputError(
            f"cannot keep runs in {folder}: {error.strerror}; choose another place with --state"
        ) from None
