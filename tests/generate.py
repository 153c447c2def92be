"""`make generate`: write everything that is derived from playbooks, cases, texts and code.

The results are in the repository, so that a reader needs no tool. Tests keep them up to date.
"""

import re
from typing import Final

from remediator.cli.schemas import text as schema
from remediator.conditions import CONDITIONS
from remediator.installed import built_in_folder
from remediator.locales import __main__ as catalogues
from remediator.playbook import indexing
from tests import coverage, listing
from tests.fields import page as fields
from tests.places import ROOT

CONTRIBUTING: Final = ROOT / "CONTRIBUTING.md"
READMES: Final = {"README.md": "More", "README.zh-CN.md": "更多", "README.zh-TW.md": "更多"}
"""The documents that count the playbooks of each family, with their name for the rest."""

_ROW: Final = re.compile(
    r"^\| \[(?P<title>[^]]+)\]\(docs/playbooks\.md#(?P<anchor>[^)]+)\) "
    r"\| \d+ \| \d+ \|(?P<more>.*)$",
    re.MULTILINE,
)

_CONDITIONS: Final = re.compile(
    r"^(\| condition \| values \| meaning \|\n\|[-|]+\|\n)(?:\|.*\n)+", re.MULTILINE
)


def counted(text: str, rest: str) -> str:
    """A document with today's numbers in its table of families.

    Args:
        text: the text of the document.
        rest: the document's name for the playbooks that are in no family.
    """
    rows = {match["anchor"]: match for match in _ROW.finditer(text)}
    told = []
    for family in listing.families():
        row = rows.get(family.anchor)
        title, more = (row["title"], row["more"]) if row else (rest, " |")
        link = f"[{title}](docs/playbooks.md#{family.anchor})"
        told.append(f"| {link} | {len(family.rows)} | {family.codes} |{more}")
    matches = list(rows.values())
    begin, end = matches[0].start(), matches[-1].end()
    return text[:begin] + "\n".join(told) + text[end:]


def conditions(text: str) -> str:
    """A document with today's conditions in the table of `when`."""
    rows = [
        f"| `{each.name}` | {', '.join(f'`{value}`' for value in each.values)} | {each.meaning} |\n"
        for each in CONDITIONS.values()
    ]
    return _CONDITIONS.sub(lambda match: match[1] + "".join(rows), text)


def main() -> None:
    """Write all generated files."""
    indexing.main()
    folder = built_in_folder()
    (folder / "schema.json").write_text(schema("playbook"), "utf-8")
    listing.PAGE.write_text(listing.page(), "utf-8")
    for name, rest in READMES.items():
        document = ROOT / name
        document.write_text(counted(document.read_text("utf-8"), rest), "utf-8")
    CONTRIBUTING.write_text(conditions(CONTRIBUTING.read_text("utf-8")), "utf-8")
    coverage.PAGE.write_text(coverage.page(), "utf-8")
    fields.PAGE.write_text(fields.page(fields.figures()), "utf-8")
    catalogues.renew()


if __name__ == "__main__":
    main()
