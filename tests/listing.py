"""docs/playbooks.md: every playbook with its codes, its class, and the consent that it needs.

`make generate` writes the page from the playbooks' index and tests/data/families.yaml.
"""

import re
from dataclasses import dataclass

from ruamel.yaml import YAML

from remediator.change.step import Impact
from remediator.installed import built_in_folder
from remediator.job.index import Row, read
from tests.places import DATA, DOCS

PAGE = DOCS / "playbooks.md"
FAMILIES = DATA / "families.yaml"

MORE = "More"
"""The family of the playbooks that are in no other family."""

_HEAD = """\
# The playbooks

`make generate` writes this page from the playbooks, and a test keeps it true. {playbooks} playbooks
know {codes} codes, and {messages} texts of Azure in English and Chinese. A name in *italics* is
ours, because Azure sends that text without a code.

*Class*: the tool fixes A from outside through Azure Resource Manager, and B with a script in the
guest. It diagnoses C and gives exact guidance. *Consent*: the impact classes that `--allow` must
name to allow all remedies of the playbook. Most playbooks begin with a remedy that needs no
consent. `remediate explain CODE` says what the tool does, and in which order; with `--lang zh-CN`
or `--lang zh-TW` it says so in Chinese.

"""


@dataclass(frozen=True)
class Family:
    """Playbooks about the same part of a backup."""

    title: str
    rows: tuple[Row, ...]

    @property
    def anchor(self) -> str:
        """The anchor of its heading, as GitHub makes it."""
        return re.sub(r"[^\w -]", "", self.title.lower()).replace(" ", "-")

    @property
    def codes(self) -> int:
        """The number of codes that its playbooks know."""
        return sum(len(row.codes) for row in self.rows)


def families() -> tuple[Family, ...]:
    """The families, in the order of the page. Playbooks in no family come last, as `MORE`.

    Raises:
        KeyError: a family names a playbook that does not exist.
    """
    rows = {row.name: row for row in read(built_in_folder())}
    told = YAML(typ="safe").load(FAMILIES.read_text(encoding="utf-8"))
    found = [
        Family(part["title"], tuple(rows.pop(name) for name in part["playbooks"])) for part in told
    ]
    more = [Family(MORE, tuple(rows.values()))] if rows else []
    return (*found, *more)


def page() -> str:
    """The page as it should be."""
    rows = read(built_in_folder())
    out = [
        _HEAD.format(
            playbooks=len(rows),
            codes=sum(len(row.codes) for row in rows),
            messages=sum(len(row.messages) for row in rows),
        )
    ]
    for family in families():
        out.append(f"## {family.title}\n\n")
        out.append(
            "| playbook | also for | what failed | class | consent |\n|---|---|---|---|---|\n"
        )
        out += [_line(row) for row in family.rows]
        out.append("\n")
    return "".join(out).rstrip("\n") + "\n"


def _line(row: Row) -> str:
    first, *others = (_code(row, code) for code in row.codes)
    asked = {opt_in for rung in row.ladder for opt_in in rung.opt_ins}
    consent = ", ".join(impact for impact in Impact if impact in asked)
    return f"| {first} | {', '.join(others)} | {row.title} | {row.reach} | {consent} |\n"


def _code(row: Row, code: str) -> str:
    """A code as the page shows it, with its number if it is known."""
    shown = f"*{code}*" if code in row.named_here else f"`{code}`"
    return f"{shown} ({row.numbers[code]})" if code in row.numbers else shown
