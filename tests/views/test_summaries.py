"""Each standing has its place in each form, and hostile text does nothing in any of them."""

import json
from html.parser import HTMLParser
from typing import Final

import pytest
from markdown_it import MarkdownIt

from remediator.report.batch import Standing
from remediator.report.summary import WELL, Row, Summary
from remediator.views.plain import plain
from remediator.views.summary_csv import summary_csv
from remediator.views.summary_junit import summary_junit
from remediator.views.summary_md import DETAILED, summary_md
from remediator.views.summary_sarif import summary_sarif
from tests.views.form_files import cases, records, result, results, tabled
from tests.views.hostile_rows import FORMULAS, HOSTILE, NOW, hostile, summary

ALLOWED: Final = {"h1", "h2", "h3", "p", "strong", "ul", "li", "code", "details", "summary"} | {
    *("table", "thead", "tbody", "tr", "th", "td")
}


class Page(HTMLParser):
    """The tags of a page, its attributes, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[str] = []
        self.cells: list[str] = []
        self.items: list[str] = []
        self._in: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "h2":
            self.items.clear()  # only the items below the last heading count
        self.attributes += [name for name, _value in attrs]
        if tag in ("td", "li"):
            self._in = self.cells if tag == "td" else self.items
            self._in.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "li"):
            self._in = None

    def handle_data(self, data: str) -> None:
        if self._in is not None:
            self._in[-1] += data


@pytest.mark.parametrize("standing", Standing)
def test_each_standing_has_its_place(standing: Standing) -> None:
    told = summary(Row("web", standing, "why"))
    found = [result(case) for case in cases(summary_junit(told))]
    levels = [each["level"] for each in results(json.loads(summary_sarif(told)))]
    assert [row["standing"] for row in records(summary_csv(told))] == [standing]
    assert [cells[0] for cells in tabled(summary_md(told))] == [standing]
    if standing is Standing.SAME_VM:
        assert (found, levels) == ([], [])
    else:
        assert len(found) == 1
        assert (found == ["passed"]) == (standing in WELL) == (levels == [])
    counts = told.counts
    well_or_failed = counts.recovered + counts.failed
    assert well_or_failed == (standing is not Standing.SAME_VM)
    parts = (
        counts.fixable,
        counts.needs_consent,
        counts.needs_human,
        counts.not_fixed,
        counts.refused,
        counts.not_read - counts.places,
    )
    assert sum(parts) == counts.failed
    assert counts.fixed == (standing is Standing.FIXED)


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_shows_a_text_as_it_is(text: str) -> None:
    page, written = Page(), summary_md(hostile(text))
    page.feed(MarkdownIt("commonmark").enable("table").render(written))
    assert page.tags <= ALLOWED
    assert page.attributes == []
    assert [len(cells) for cells in tabled(written)] == [7, 7]
    assert len(page.cells) == 14
    for item in page.items:
        _label, told = item.split(": ", 1)
        assert told.strip(" ") == plain(text).strip(" ")
    assert len(page.items) == 6
    standing, name, code, remedy, _impact, why, _good = page.cells[:7]
    assert standing == "needs-human"
    for cell in (name, code, remedy, why):
        assert cell.strip(" ") == plain(text).strip(" ")


@pytest.mark.parametrize("text", HOSTILE)
def test_junit_and_sarif_hold_a_text_as_it_is(text: str) -> None:
    told = hostile(text)
    first, _second = cases(summary_junit(told))
    assert first.attrib["name"] == plain(text)
    assert first.find("failure").attrib["message"] == plain(text)  # type: ignore[union-attr]
    found, _other = results(json.loads(summary_sarif(told)))
    assert found["ruleId"] == plain(text)
    assert "](" not in found["message"]["text"].replace("\\](", "")


@pytest.mark.parametrize("text", [*HOSTILE, *FORMULAS])
def test_no_cell_of_csv_is_a_formula(text: str) -> None:
    row, _place = records(summary_csv(hostile(text)))
    cells = {row[column] for column in ("vm", "vm_id", "code", "why", "remedy")}
    risky = text in FORMULAS or text == " = spaced"
    assert cells == {f"'{plain(text)}" if risky else plain(text)}


def test_a_long_page_tells_how_many_are_only_in_its_table() -> None:
    rows = [Row(f"vm-{n}", Standing.HUMAN, "why") for n in range(DETAILED + 3)]
    text = summary_md(summary(*rows))
    assert len(tabled(text)) == DETAILED + 3
    assert text.count("\n### vm-") == DETAILED
    assert text.endswith("and 3 more: a report in JSON or CSV has the ids of all\n")


def test_a_cut_short_command_says_so() -> None:
    told = Summary(NOW, NOW, (), interrupted=True)
    assert "interrupted" in summary_md(told)
    assert 'name="interrupted" value="true"' in summary_junit(told)
    (run,) = json.loads(summary_sarif(told))["runs"]
    assert run["invocations"][0]["executionSuccessful"] is False
