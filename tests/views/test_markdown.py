"""Markdown, read by a CommonMark parser with tables: rows, stories, and no HTML of others."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from remediator.report.batch import Standing
from remediator.report.details import Alteration, Details
from remediator.report.summary import Row, Summary
from remediator.views.plain import plain
from remediator.views.summary_md import summary_md
from tests.clouds import stepped
from tests.command import environment, remediate
from tests.cut_short import cloud as fast_cloud
from tests.flow.estates import CODE, estate, vm
from tests.views.form_files import FOLDS, written
from tests.views.hostile_rows import HOSTILE, NOW, hostile

HEADS: Final = ["standing", "VM", "code", "remedy", "impact", "why", "last good point"]


def tokens(text: str) -> list[Token]:
    """The parts of a page. The parser keeps HTML, as GitHub and Azure DevOps do."""
    return MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)


def html(text: str) -> list[str]:
    """Every piece of raw HTML of a page."""
    found = tokens(text)
    inline = (child for token in found for child in token.children or ())
    return [t.content.strip() for t in (*found, *inline) if t.type in ("html_block", "html_inline")]


def table(text: str) -> list[list[str]]:
    """The rows of the table, its heading first. Each cell is the text that a reader sees."""
    rows: list[list[str]] = []
    inside = False
    for token in tokens(text):
        if token.type == "tr_open":
            rows.append([])
        inside = token.type in ("td_open", "th_open") or (inside and token.type == "inline")
        if inside and token.type == "inline":
            rows[-1].append(seen(token))
    return rows


def seen(token: Token) -> str:
    return "".join(child.content for child in token.children or ())


def headings(text: str) -> Iterator[tuple[str, str]]:
    """Each heading: its tag and its text."""
    found = tokens(text)
    for opening, inline in pairwise(found):
        if opening.type == "heading_open":
            yield opening.tag, seen(inline)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_html_and_no_cell_comes_from_a_text(text: str) -> None:
    alteration = Alteration(text, text, {text: text}, {text: None}, text, text, text, text)
    rows = [
        replace(row, details=Details((text, text), (alteration,))) for row in hostile(text).rows
    ]
    page = summary_md(Summary(NOW, NOW, tuple(rows)))
    assert html(page) == list(FOLDS) * 2
    heads, first, second = table(page)
    assert heads == HEADS
    assert first[1].strip() == plain(text).strip()
    assert first[5].strip() == plain(text).strip()
    assert (first[0], second[0]) == ("needs-human", "could-not-check")
    assert [tag for tag, _text in headings(page)] == ["h1", "h2", "h2", "h2", "h3", "h3"]


def test_a_page_has_the_numbers_the_decisions_the_table_and_the_stories_in_this_order() -> None:
    rows = (
        Row("bad", Standing.HUMAN, "ask", next=("remediate explain X",)),
        Row("wait", Standing.CONSENT, "w", opt_ins=("--allow cost",), next=("remediate w",)),
        Row("well", Standing.FIXED, "ok", correlation_ids=("c-1",)),
    )
    page = summary_md(Summary(NOW, NOW, rows))
    assert list(headings(page)) == [
        ("h1", "Failed backups of Azure VMs"),
        ("h2", "To decide"),
        ("h2", "All VMs"),
        ("h2", "Details"),
        ("h3", "bad"),
        ("h3", "wait"),
        ("h3", "well"),
    ]
    numbers = "3 failed: 1 fixed, 1 needs consent, 1 needs a human"
    assert page.index(numbers) < page.index("To decide")
    assert [row[1] for row in table(page)[1:]] == ["bad", "wait", "well"]
    assert html(page) == []


def test_the_story_of_a_run_has_its_evidence_its_changes_and_its_correlation_ids(
    tmp_path: Path,
) -> None:
    with fast_cloud("extension-stuck") as azure:
        env = environment(azure, tmp_path)
        job = azure.failed_jobs("web")[-1]
        ended, files = written(tmp_path / "out", env, "run", job, "--yes")
        ended.check(0)
    page, report = files.text("md"), json.loads(files.text("json"))
    assert html(page) == list(FOLDS)
    story = page.split(FOLDS[0])[1]
    told = "".join(seen(token) for token in tokens(story) if token.type == "inline")
    changes = [step for step in report["plan"]["steps"] if step["kind"] == "change"]
    assert changes
    for step in changes:
        assert f"undo: {step['undo']}" in told
        for values, label in ((step["before"], "before"), (step["after"], "after")):
            name, value = next(iter(values.items()))
            assert f"{label}: {name}: {'none' if value is None else value}" in told
    for outcome in report["outcomes"]:
        if outcome["correlation_id"]:
            assert f"correlation id: {outcome['correlation_id']}" in told
    for said in report["plan"]["facts"]:
        assert f"{said['fact']}: {said['value']}: " in told


def test_a_scan_tells_the_stories_in_markdown_and_with_details(tmp_path: Path) -> None:
    with stepped(estate(tmp_path, vm("web", "main"), vm("db", "apps"))) as azure:
        env = environment(azure, tmp_path)
        page = remediate("scan", "-o", "md", env=env).check(0).out
        details = remediate("scan", "--details", env=env).check(0).out
        short = remediate("scan", env=env).check(0).out
    assert {row[1] for row in table(page)[1:]} == {"web", "db"}
    assert {row[2] for row in table(page)[1:]} == {CODE}
    assert html(page) == list(FOLDS) * 2
    for text in (page, details):
        assert text.count("undo: ") >= 2
        assert text.count("before: ") >= 2
    assert "undo: " not in short
