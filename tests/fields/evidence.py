"""The evidence for each field that is read. It is kept in `tests/data/fields.json`."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from ruamel.yaml import YAML

from tests.dropout.kinds import EACH, HEADER, Field
from tests.fields.observed import Seen
from tests.fields.recorded import Recorded, Recordings
from tests.fields.specified import Specifications
from tests.places import DATA

FILE = DATA / "fields.json"
DOCUMENTED = DATA / "documented.yaml"


@dataclass(frozen=True)
class Evidence:
    """A field that is read, its readers, and the evidence that Azure sends it."""

    field: Field
    readers: tuple[str, ...]
    simulated: bool
    """Whether the simulator sends it."""
    recorded: Recorded | None
    """None if no answer of its kind was recorded."""
    specified: str | None
    """The specification that declares it."""
    documented: str | None
    """The page or the reference that describes it."""

    @property
    def seen(self) -> bool:
        """Whether a recording has it."""
        return self.recorded is not None and self.recorded.with_it > 0

    @property
    def may_hold(self) -> bool:
        """Whether its absence may hold a remedy: it is recorded, or specified and documented."""
        return self.seen or (self.specified is not None and self.documented is not None)

    @property
    def word(self) -> str:
        """The best evidence, in a word or two."""
        if self.seen:
            return "recorded"
        told = [
            w
            for w, is_so in (("specified", self.specified), ("documented", self.documented))
            if is_so
        ]
        return " and ".join(told) or "guess"


def gathered(seen: Iterable[Seen]) -> list[Evidence]:
    """The evidence for each field, from recordings, specifications and pages."""
    recordings, specifications = Recordings(), Specifications()
    return [
        Evidence(
            each.field,
            each.readers,
            each.simulated,
            _recorded(recordings, each.field),
            specifications.declares(each.field) or _told(each.field, "specified"),
            _told(each.field, "documented"),
        )
        for each in seen
    ]


def keep(rows: Iterable[Evidence]) -> None:
    """Write the evidence to the file, one line per field."""
    lines = ",\n".join(json.dumps(_line(each)) for each in rows)
    FILE.write_text(f"[\n{lines}\n]\n", "utf-8")


@cache
def kept() -> tuple[Evidence, ...]:
    """The evidence from the file."""
    return tuple(_row(*each) for each in json.loads(FILE.read_text("utf-8")))


@cache
def by_field() -> dict[tuple[str, tuple[str, ...]], Evidence]:
    """The same evidence, by kind in lower case and path."""
    return {(each.field.kind.lower(), each.field.path): each for each in kept()}


def about(field: Field) -> Evidence | None:
    """The evidence for a field. None if the field was never seen to be read."""
    return by_field().get((field.kind.lower(), field.path))


def _recorded(recordings: Recordings, field: Field) -> Recorded | None:
    """The recorded evidence for a field. If there is none, the rows of a list may show it."""
    own = recordings.about(field)
    if own is not None and own.with_it:
        return own
    if field.kind.endswith("/{}") and field.path[0] != HEADER:
        rows = Field(field.kind.removesuffix("/{}"), ("value", EACH, *field.path))
        found = recordings.about(rows)
        if found is not None and found.with_it:
            return found
    return own


@cache
def _pages() -> list[dict[str, str]]:
    found: list[dict[str, str]] = YAML(typ="safe").load(DOCUMENTED.read_text("utf-8"))
    return found


def _told(field: Field, how: str) -> str | None:
    """What `documented.yaml` says of a field. A page covers its paths and all fields above."""
    for page in _pages():
        if page["kind"].lower() == field.kind.lower() and how in page:
            for told in page["paths"]:
                path = path_of(told)
                if path[: len(field.path)] == field.path:
                    return page[how]
    return None


def path_of(told: str) -> tuple[str, ...]:
    """The path from its written form: `value[].properties.status`, or `header.location`."""
    return tuple(_parts(told))


def _parts(told: str) -> Iterator[str]:
    for part in told.split("."):
        name = part.replace(EACH, "")
        yield name
        for _ in range(part.count(EACH)):
            yield EACH


def _line(each: Evidence) -> list[object]:
    found = each.recorded
    recorded = [found.with_it, found.of, found.file] if found else None
    field = each.field
    return [
        field.kind,
        list(field.path),
        list(each.readers),
        each.simulated,
        recorded,
        each.specified,
        each.documented,
    ]


def _row(
    kind: str,
    path: list[str],
    readers: list[str],
    simulated: bool,
    recorded: tuple[int, int, str] | None,
    specified: str | None,
    documented: str | None,
) -> Evidence:
    return Evidence(
        Field(kind, tuple(path)),
        tuple(readers),
        simulated,
        Recorded(*recorded) if recorded else None,
        specified,
        documented,
    )
