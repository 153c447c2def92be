"""The evidence of each field that is read, as it is kept in `tests/data/fields.json`."""

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
    """A field that is read, by whom, and what says that Azure sends it."""

    field: Field
    readers: tuple[str, ...]
    simulated: bool
    """Whether the simulator sends it."""
    recorded: Recorded | None
    """None where no answer of its kind was recorded."""
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
        """Whether a remedy may be held for want of it: recorded, or specified and documented."""
        return self.seen or (self.specified is not None and self.documented is not None)

    @property
    def word(self) -> str:
        """The best that can be said."""
        if self.seen:
            return "recorded"
        told = [
            w
            for w, is_so in (("specified", self.specified), ("documented", self.documented))
            if is_so
        ]
        return " and ".join(told) or "guess"


def gathered(seen: Iterable[Seen]) -> list[Evidence]:
    """What recordings, specifications and pages say of each field."""
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
    """Write the evidence down, a line for each field."""
    lines = ",\n".join(json.dumps(_line(each)) for each in rows)
    FILE.write_text(f"[\n{lines}\n]\n", "utf-8")


@cache
def kept() -> tuple[Evidence, ...]:
    """The evidence as it was last written down."""
    return tuple(_row(*each) for each in json.loads(FILE.read_text("utf-8")))


@cache
def by_field() -> dict[tuple[str, tuple[str, ...]], Evidence]:
    """The same, by kind in lower case and path."""
    return {(each.field.kind.lower(), each.field.path): each for each in kept()}


def about(field: Field) -> Evidence | None:
    """The evidence of a field; None where it was never seen to be read."""
    return by_field().get((field.kind.lower(), field.path))


def _recorded(recordings: Recordings, field: Field) -> Recorded | None:
    """What is recorded of a field; a list's rows also show what each of them is by itself."""
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
    """What the file of pages says of a field; a page stands for all that lies on the way to it."""
    for page in _pages():
        if page["kind"].lower() == field.kind.lower() and how in page:
            for told in page["paths"]:
                path = path_of(told)
                if path[: len(field.path)] == field.path:
                    return page[how]
    return None


def path_of(told: str) -> tuple[str, ...]:
    """A path as it is written: `value[].properties.status`, or `header.location`."""
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
