"""docs/fields.md: every field of Azure's answers that the tool reads, and its evidence."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from remediator.facts import Source
from tests.dropout.kinds import shown
from tests.fields.evidence import Evidence, kept
from tests.fields.users import PURPOSES, sources, users
from tests.places import DOCS

PAGE = DOCS / "fields.md"
BEGIN, END = "<!-- drop-out: begin -->", "<!-- drop-out: end -->"

_HEAD = """\
# What the tool reads of Azure's answers

`make fields` writes this page, and a test keeps it true. The tool was seen to read each of these
fields while the cases of all playbooks were played. *Evidence* says what shows that Azure sends the
field:

- *recorded*: real traffic has the field, in so many of the recorded answers of its kind. For a
  field in a list, the rows are counted. Workloads other than virtual machines are left out. For the
  jobs of virtual machines, only answers of api-version 2024-04-01 or later count.
- *specified*: Microsoft's specification declares the field.
- *documented*: a page or a reference of Microsoft describes the field.
- *guess*: there is no such evidence.

If a field is neither recorded, nor specified and documented, its absence must not hold a remedy.
The drop-out suite tests that: it leaves out each field for whole runs.

"""

_DROPOUT = """\
## Each field left out

`make dropout` plays the scenarios of the simulator and the cases of the four main fixes. It plays
each of them again for each field that the tool reads, and leaves the field out of every answer. If
the tool could tell null from absence, `make dropout` also plays them with null.

{begin}
{figures}
{end}

"""


def page(figures: str) -> str:
    """The whole page.

    Args:
        figures: the text between the markers of the drop-out suite.
    """
    told = _DROPOUT.format(begin=BEGIN, figures=figures, end=END)
    return _HEAD + "\n".join(_counts(kept())) + "\n\n" + told + "\n".join(_body(kept())) + "\n"


def figures() -> str:
    """The text that now stands between the markers."""
    if not PAGE.exists():
        return ""
    return PAGE.read_text("utf-8").partition(BEGIN)[2].partition(END)[0].strip("\n")


def _counts(rows: Iterable[Evidence]) -> Iterator[str]:
    words = [row.word for row in rows]
    yield "| evidence | fields |"
    yield "|---|---|"
    for word in ("recorded", "specified and documented", "specified", "documented", "guess"):
        yield f"| {word} | {words.count(word)} |"


def _body(rows: tuple[Evidence, ...]) -> Iterator[str]:
    yield "## What depends on which field"
    yield ""
    yield "Modules of `inspect` read for a source of facts. A user of the source needs its fields."
    yield ""
    yield "| read by | for | conditions of `when` | actions | guards | checks |"
    yield "|---|---|---|---|---|---|"
    for module in sorted({reader for row in rows for reader in row.readers}):
        yield from _module(module)
    yield ""
    yield "## The fields"
    yield ""
    for kind, fields in groupby(rows, key=lambda row: row.field.kind):
        yield f"### {kind}"
        yield ""
        yield "| field | read by | evidence |"
        yield "|---|---|---|"
        for row in fields:
            readers = ", ".join(row.readers)
            yield f"| `{shown(row.field.path)}` | {readers} | {_evidence(row)} |"
        yield ""


def _module(module: str) -> Iterator[str]:
    read = sources(module)
    if not read:
        yield f"| {module} | {PURPOSES.get(module, 'no source of its own')} | | | | |"
    for source in read:
        yield f"| {module} | {_source(source)} |"


def _source(source: Source) -> str:
    needs = users(source)
    told = (needs.words, needs.actions, needs.guards, needs.checks)
    return " | ".join((source.value, *(", ".join(names) for names in told)))


def _evidence(row: Evidence) -> str:
    told = []
    if row.recorded is not None:
        told.append(f"{row.recorded.with_it} of {row.recorded.of} recorded ({row.recorded.file})")
    told += [f"specified ({row.specified})"] if row.specified else []
    told += [f"documented ({row.documented})"] if row.documented else []
    sent = "" if row.simulated else "; the simulator never sends it"
    return ("; ".join(told) or "guess") + sent
