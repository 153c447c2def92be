"""A browser for the tests of pages, and a way to open pages in it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.views.html.browser import DESK, Opened, launched

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with launched() as started:
        yield started


@pytest.fixture
def opened(browser: "Browser", tmp_path: Path) -> Iterator[Any]:
    """Opens pages. At the end none of them has broken a rule."""
    pages: list[Opened] = []

    def show(text: str, anchor: str = "", **how: Any) -> Opened:
        path = tmp_path / f"page{len(pages)}.html"
        path.write_text(text, "utf-8")
        context = browser.new_context(viewport=how.pop("viewport", DESK), **how)
        page = Opened(context.new_page(), path)
        page.open(anchor)
        pages.append(page)
        return page

    yield show
    for page in pages:
        page.check()
        page.page.context.close()
