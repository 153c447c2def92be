"""docs/fidelity.md: the assumptions about Azure, and what recorded answers say about them.

`python -m tests.fidelity` (`make fidelity`) writes the page from tests/data/fidelity.md, the
assumptions, and the recordings beside the project.
"""

import sys
from collections.abc import Iterable, Sequence
from itertools import groupby

from remediator.assumptions import Judged, Verdict, assess
from tests.beside import is_there, recorded
from tests.places import DATA, DOCS, RECORDINGS

PAGE = DOCS / "fidelity.md"
TEMPLATE = DATA / "fidelity.md"


def page() -> str:
    """The page as it should be."""
    pairs = recorded()
    text = TEMPLATE.read_text(encoding="utf-8")
    return text.replace("{{assumptions}}", _assumptions(assess(pairs), len(pairs)))


def _assumptions(judged: Sequence[Judged], pairs: int) -> str:
    counts = {verdict: sum(each.verdict is verdict for each in judged) for verdict in Verdict}
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    intro = (
        f"{pairs} recorded requests and answers of 2017 to 2026 judge {len(judged)} assumptions: "
        f"{told}. The columns *for* and *against* count answers, rows or values. An assumption "
        "that was not seen is a guess, or it follows from the specification or the documentation."
    )
    out = [intro]
    for area, found in groupby(judged, key=lambda each: each.area):
        out.append(f"### {area.value[:1].upper()}{area.value[1:]}")
        out.append("\n".join(_table(found)))
    return "\n\n".join(out)


def _table(judged: Iterable[Judged]) -> Iterable[str]:
    yield "| what | why it matters | verdict | for | against |"
    yield "|---|---|---|---|---|"
    for each in judged:
        verdict = f"**{each.verdict}**" if each.verdict is Verdict.REFUTED else str(each.verdict)
        detail = f" ({each.detail})" if each.detail else ""
        yield f"| {each.says}{detail} | {each.matters} | {verdict} | {each.holds} | {each.breaks} |"


if __name__ == "__main__":
    if not is_there():
        sys.exit(f"the recordings are not there: {RECORDINGS}")
    PAGE.write_text(page(), encoding="utf-8")
