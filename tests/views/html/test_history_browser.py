"""In a real browser the page of a history filters, sorts, tells its stories, and breaks no rule."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from remediator.language import LANGUAGES
from remediator.views.history_html import history_html
from remediator.views.plain import plain
from tests.views.html.browser import DESK, LONG_LABELS, PHONE, WIDE, missing, with_axe
from tests.views.html.estates import HOSTILE
from tests.views.html.histories import history, hostile, recurring, varied

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))


@with_axe
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_everybody_can_use_the_page(
    language: str, theme: str, viewport: dict[str, int], opened: Any
) -> None:
    shown = opened(varied(language), color_scheme=theme, viewport=viewport)
    shown.page.locator("#table .expand").first.click()
    shown.page.locator("#remedies-table .expand").first.click()
    shown.page.locator("details.case summary").last.click()
    shown.page.locator(".chart details summary").first.click()
    assert shown.violations() == []
    assert shown.page.evaluate(WIDE) is False


def names(shown: Any, table: str) -> list[str]:
    found: list[str] = shown.page.locator(f"#{table} .expand").all_text_contents()
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_person_filters_sorts_and_expands(language: str, opened: Any) -> None:
    shown = opened(varied(language))
    page = shown.page
    assert (len(names(shown, "table")), len(names(shown, "remedies-table"))) == (50, 5)
    page.locator(".tile[data-kind=recovered]").click()
    shown.wait_for(30 + 5)
    assert set(names(shown, "table")) == {f"vm-{n:02}" for n in range(1, 60, 2)}
    page.locator("#clear").click()
    page.locator("#choose-code").select_option("Code3")
    shown.wait_for(12 + 5)
    page.locator("#table th.amount .sort").click()
    assert page.locator("#table th.amount").get_attribute("aria-sort") == "descending"
    failures = list(map(int, page.locator("#table td.amount").all_text_contents()))
    assert failures == sorted(failures, reverse=True)
    page.locator("#table .expand").first.press("Enter")
    assert page.locator("#table tr.details:visible .steps li").count() == 1


def test_the_remedies_have_their_own_search_and_order(opened: Any) -> None:
    shown = opened(varied())
    page = shown.page
    page.locator("#remedies-table th.amount .sort").nth(1).click()
    assert names(shown, "remedies-table")[0] == "Remedy 4"
    page.locator("#remedies-choose-playbook").select_option("Playbook1")
    shown.wait_for(50 + 2)
    page.locator("#remedies-clear").click()
    page.locator("#remedies-search").fill("RUNG-2")
    shown.wait_for(50 + 1)
    assert names(shown, "remedies-table") == ["Remedy 2"]
    assert len(names(shown, "table")) == 50


def test_what_recurs_leads_to_its_row_and_a_bar_to_its_code(opened: Any) -> None:
    two = [recurring("web", n, code=f"Code{n}", failures=9 - n) for n in range(3)]
    shown = opened(history_html(history(*two)))
    page = shown.page
    page.locator(".of a", has_text="Code2").click()
    focused = page.locator("#table tr:has(:focus)")
    assert "Code2" in focused.text_content()
    page.locator("#chart-code canvas").click(position={"x": 300, "y": 20})
    shown.wait_for(1 + 5)
    assert page.locator("#table td.code").all_text_contents() == ["Code0"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_shown_as_text(text: str, opened: Any) -> None:
    shown = opened(hostile())
    page = shown.page
    number = names(shown, "table").index(plain(text))
    page.locator("#table .expand").nth(number).click()
    told = page.locator("tr.details:visible .exact code").all_text_contents()
    assert told.count(plain(text)) >= 4
    assert names(shown, "remedies-table").count(plain(text)) == 1
    assert page.locator("img, iframe, object, base, form").count() == 0


@pytest.mark.parametrize("width", [1280, 390])
def test_many_days_have_room(width: int, opened: Any) -> None:
    """Thirty days do not have room for thirty dates. Some are left out, and none overlap."""
    shown = opened(varied(), viewport={"width": width, "height": 900})
    bars, long = shown.page.evaluate(LONG_LABELS, "trend")
    assert 3 < bars <= 30
    assert long == []


def test_paper_has_all_rows(opened: Any) -> None:
    shown = opened(varied())
    page = shown.page
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    shown.wait_for(60 + 5)
    assert page.locator(".filters:visible").count() == 0
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    shown.wait_for(50 + 5)
    assert len(page.pdf()) > 10_000


def test_a_viewer_without_scripts_shows_the_most_frequent(
    browser: "Browser", tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    path.write_text(varied(), "utf-8")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    assert page.locator(".still").count() == 50
    assert "/virtualMachines/vm-00" in page.locator(".still").first.inner_text()
    assert page.locator("#remedies").is_hidden()
    context.close()
