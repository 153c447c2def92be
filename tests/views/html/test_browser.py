"""In a real browser a page opens, filters, sorts and tells its stories, and breaks no rule."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from remediator.language import LANGUAGES, speak
from remediator.report.batch import Standing
from remediator.views.plain import plain
from tests.command import environment
from tests.cut_short import cloud as fast_cloud
from tests.views.form_files import written
from tests.views.html.browser import CUT, DESK, LONG_LABELS, PHONE, WIDE, Opened, missing, with_axe
from tests.views.html.estates import HOSTILE, hostile, large, page_of, row

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))


@pytest.fixture(scope="module")
def run_page(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("run")
    with fast_cloud("limit-reached") as azure:
        env = environment(azure, folder)
        job = azure.failed_jobs("web")[-1]
        ended, files = written(folder / "out", env, "run", job, "--yes")
        ended.check(0)
    return files.text("html")


def varied(language: str = "en") -> str:
    """A page with each standing."""
    speak(language)
    try:
        return page_of(
            *(row(f"vm-{n:02}", n, standing=standing) for n, standing in enumerate(Standing)),
            *(row(f"vm-{n}", n) for n in range(20, 80)),
        )
    finally:
        speak("en")


@with_axe
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_everybody_can_use_the_page(language: str, theme: str, opened: Any) -> None:
    shown = opened(varied(language), color_scheme=theme)
    assert shown.page.locator("html").get_attribute("lang") == language
    shown.page.locator(".expand").first.click()
    shown.page.locator("details.case summary").last.click()
    shown.page.locator(".chart details summary").first.click()
    assert shown.violations() == []


@with_axe
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_use_the_page_of_a_run(
    theme: str, viewport: dict[str, int], run_page: str, opened: Any
) -> None:
    shown = opened(run_page, color_scheme=theme, viewport=viewport)
    assert shown.page.locator(".story .drawing canvas").is_visible()
    assert shown.violations() == []
    assert shown.page.evaluate(WIDE) is False


@pytest.mark.parametrize("width", [1280, 1040])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_labels_of_standing_bars_do_not_overlap(language: str, width: int, opened: Any) -> None:
    shown = opened(varied(language), viewport={"width": width, "height": 900})
    assert shown.page.evaluate(LONG_LABELS, "age") == [8, []]


@pytest.mark.parametrize("width", [1280, 1040])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_head_of_the_table_is_cut(language: str, width: int, opened: Any) -> None:
    shown = opened(varied(language), viewport={"width": width, "height": 900})
    assert shown.page.evaluate(CUT, "table.vms thead th") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_person_filters_sorts_and_expands(language: str, opened: Any) -> None:
    shown = opened(varied(language))
    page = shown.page
    assert len(shown.names()) == 50
    page.locator(".tile[data-kind=needs_human]").click()
    humans = page.locator("table.vms tbody tr.human")
    shown.wait_for(humans.count())
    assert page.locator(".tile[data-kind=needs_human]").get_attribute("aria-pressed") == "true"
    page.locator("#clear").click()
    page.locator("#search").fill("VM-61 errorofkind")
    shown.wait_for(1)
    assert shown.names() == ["vm-61"]
    page.locator("#clear").click()
    page.locator("#choose-code").select_option("UserErrorOfKind3")
    shown.wait_for(sum(each % 13 == 3 for each in (*range(len(Standing)), *range(20, 80))))
    codes = page.locator("table.vms td.code").all_text_contents()
    assert set(codes) == {"UserErrorOfKind3"}
    page.locator("#clear").click()
    page.locator("thead th.name .sort").first.click()
    assert shown.names() == sorted(shown.names())
    assert page.locator("thead th.name").get_attribute("aria-sort") == "ascending"
    first = page.locator(".expand").first
    first.press("Enter")
    assert first.get_attribute("aria-expanded") == "true"
    assert page.locator("tr.details:visible code").count() > 5
    page.locator(".pager .next").click()
    shown.wait_for(73 - 50)


def test_a_link_leads_to_one_vm(opened: Any) -> None:
    shown = opened(large(500), "#vm=vm-of-a-rather-long-name-00321")
    focused = shown.page.locator(":focus")
    assert focused.text_content() == "vm-of-a-rather-long-name-00321"
    assert focused.get_attribute("aria-expanded") == "true"
    story = shown.page.locator("tr.details:visible").text_content()
    assert "/virtualMachines/vm-of-a-rather-long-name-00321" in story


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_shown_and_copied_as_text(text: str, opened: Any) -> None:
    shown = opened(hostile(), permissions=["clipboard-read", "clipboard-write"])
    page = shown.page
    number = shown.names().index(plain(text))
    page.locator(".expand").nth(number).click()
    page.locator("tr.details:visible .exact code").first.wait_for()
    told = page.locator("tr.details:visible .exact code").all_text_contents()
    assert told.count(plain(text)) >= 7
    page.locator("tr.details:visible button.copy").first.click()
    page.locator("button.copy.done").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == plain(text)
    assert page.locator("img, iframe, object, base, form").count() == 0


def test_the_policy_refuses_a_script_that_came_in_as_text(
    browser: "Browser", tmp_path: Path
) -> None:
    """If an escape were missing, the page would still run nothing of others."""
    bad = "<script>document.title = 'taken'</script><img src='https://example.invalid/x'>"
    path = tmp_path / "page.html"
    path.write_text(large(3).replace('<ul class="tiles">', f'{bad}<ul class="tiles">'), "utf-8")
    page = Opened(browser.new_page(), path)
    page.open()
    assert page.page.title() != "taken"
    assert len([each for each in page.complaints if "Content Security Policy" in each]) == 2
    page.page.close()


def test_the_colours_follow_the_system_until_a_person_switches(opened: Any) -> None:
    shown = opened(varied(), color_scheme="dark")
    page = shown.page
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.locator("#theme").click()
    light = page.evaluate(ground)
    assert light != dark
    page.emulate_media(color_scheme="light")
    assert page.evaluate(ground) == light
    page.locator("#theme").click()
    assert page.evaluate(ground) == dark


def test_paper_has_all_rows_and_their_commands(opened: Any) -> None:
    shown = opened(varied())
    page = shown.page
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    shown.wait_for(73)
    assert page.locator("tr.command:visible").count() == 73
    assert page.locator(".filters").is_hidden()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    shown.wait_for(50)
    assert len(page.pdf()) > 10_000


def test_a_viewer_without_scripts_shows_the_worst_and_the_plan(
    run_page: str, browser: "Browser", tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for text, wanted in {large(200): "/virtualMachines/vm-of", run_page: "az lock create"}.items():
        path.write_text(text, "utf-8")
        page.goto(path.as_uri())
        assert page.locator("noscript .note").is_visible()
        assert page.locator(".still").first.is_visible()
        assert wanted in "".join(page.locator(".still").all_inner_texts())
        assert page.locator("#tools").is_hidden()
    context.close()


def test_five_thousand_vms_can_be_searched(opened: Any) -> None:
    shown = opened(large(5000))
    assert len(shown.names()) == 50
    shown.page.locator("#search").fill("name-04999")
    shown.wait_for(1)
    assert shown.names() == ["vm-of-a-rather-long-name-04999"]
