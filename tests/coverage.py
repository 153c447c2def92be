"""docs/coverage.md: every row of the articles, every cause, every newer code, and its proof.

The rows stand in tests/data/coverage.yaml, and those of the newest documents in
tests/data/newest.yaml. The proofs stand in the case files (`proves:`) and in the tests of the
health check (`PROVES`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ruamel.yaml import YAML

from remediator.playbook.catalogue import read_catalogue
from tests.cases import FILES
from tests.checks.proofs import PROVES as CHECKS
from tests.newest import NEWEST
from tests.places import DATA, DOCS

PAGE = DOCS / "coverage.md"
_LONGEST = 120
"""How much of a text the page shows."""
ROWS = DATA / "coverage.yaml"

_HEAD = """\
# Coverage

`make generate` writes this page from the case files, and a test keeps it true. *Class*: the tool
fixes A through Azure Resource Manager, and B with a script in the guest. It diagnoses C with exact
guidance. D is about classic resources, and the tool names today's equivalent. *Proof*: a case in
`tests/playbooks/`, run against the simulator. "fails, then succeeds" means that the simulator's
backup fails with this code if nothing is done, and succeeds after the plan was applied. The
simulator plays the Windows guest scripts: it looks at what a script touches and does not run it.
*RP* and a number is a text of a restore point's error, which has no code of its own.
`tests/job/test_newest.py` proves that each code, number and text of the newest documents leads to
its playbook.

"""

_PARTS = {
    "rows": "Rows",
    "causes": "Causes and procedures",
    "newer": "Newer codes",
    "newest": "Codes and texts of the newest documents",
}
"""The parts of the page, with their headings."""


@dataclass(frozen=True)
class Row:
    """A row of the articles, a cause or a newer code. Each of them needs a proof."""

    id: str
    part: str
    grade: str
    says: str
    proved_as: str = ""
    """The row whose proofs count, if they are not this row's own."""
    playbook: str | None = None
    """The playbook in which a proof must be. None: any."""

    @property
    def must_cure(self) -> bool:
        """Whether a proof must show a backup that succeeds."""
        return self.part != "causes" and ("A" in self.grade or "B" in self.grade)


@dataclass(frozen=True)
class Proof:
    """A case or a health check that proves a row."""

    playbook: str
    rung: str
    scenario: str
    test: str
    cures: bool


def rows() -> tuple[Row, ...]:
    """All rows, in the order of coverage.yaml and newest.yaml."""
    data = YAML(typ="safe").load(ROWS.read_text(encoding="utf-8"))
    older = (
        Row(name, part, row["class"], row.get("says", ""))
        for part in ("rows", "causes", "newer")
        for name, row in data[part].items()
    )
    newest = (
        Row(
            row.id,
            "newest",
            row.grade,
            ". ".join(filter(None, (str(row.number or ""), *row.texts[:1])))[:_LONGEST],
            row.same or row.id,
            row.playbook,
        )
        for row in NEWEST
        if not row.outside
    )
    return (*older, *newest)


def proofs() -> dict[str, list[Proof]]:
    """The proofs of each row."""
    found: dict[str, list[Proof]] = {}
    for file in FILES:
        for case in file.cases:
            scenario = case.scenario if isinstance(case.scenario, str) else "in the case"
            # "Settled" is a cure too: a VM that is gone is backed up no more, so no backup fails.
            cures = bool(case.uncured) and case.expect.verdict in ("recovered", "settled")
            proof = Proof(file.playbook, case.expect.rung or "manual", scenario, case.name, cures)
            for row in case.proves:
                found.setdefault(row, []).append(proof)
    for row, check in CHECKS.items():
        found.setdefault(row, []).append(
            Proof("", "", "in the case", f"check {check}", cures=False)
        )
    return found


def problems() -> Iterator[str]:
    """The gaps in the coverage."""
    proved, known = proofs(), {row.id for row in rows()}
    codes = {code.lower() for playbook in read_catalogue().playbooks for code in playbook.codes}
    for row in rows():
        mine = _of(row, proved)
        if not mine:
            yield f"{row.id}: no case proves it"
        elif row.must_cure and not any(proof.cures for proof in mine):
            yield f"{row.id}: class {row.grade}, and no case in which the backup succeeds after"
        if row.part == "newer" and row.id.lower() not in codes:
            yield f"{row.id}: no playbook"
    for name in sorted(set(proved) - known):
        yield f"{name}: a case proves it, but it stands in no list"


def page() -> str:
    """The page as it should be."""
    proved = proofs()
    out = [_HEAD]
    for part, title in _PARTS.items():
        mine = [row for row in rows() if row.part == part]
        done = sum(1 for row in mine if _of(row, proved))
        out.append(f"## {title}: {done} of {len(mine)}\n\n")
        out.append("| | class | says | playbook: remedy | scenario | proved by |\n")
        out.append("|---|---|---|---|---|---|\n")
        out += [_line(row, _of(row, proved)) for row in mine]
        out.append("\n")
    return "".join(out).rstrip("\n") + "\n"


def _of(row: Row, proved: dict[str, list[Proof]]) -> list[Proof]:
    """The proofs of a row: in its playbook, if it names one."""
    found = proved.get(row.proved_as or row.id, [])
    return [proof for proof in found if row.playbook in (None, proof.playbook)]


def _line(row: Row, found: list[Proof]) -> str:
    # A case that shows a cure says most, so it comes first.
    proof = min(found, key=lambda proof: not proof.cures)
    remedy = f"{proof.playbook}: {proof.rung}" if proof.playbook else "remediate check"
    cured = "fails, then succeeds: " if proof.cures else ""
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return (
        f"| {row.id} | {row.grade} | {row.says} | {remedy} | {proof.scenario} "
        f"| {cured}{proof.test}{more} |\n"
    )
