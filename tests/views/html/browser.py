"""A real browser for the pages of HTML: `make browser` says what is missing, and tests skip then.

It is Chromium as the system installs it, led by Playwright. No browser is downloaded.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.assets import AXE, JUDGES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_NAMES: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
)

DESK: Final = {"width": 1440, "height": 900}
PHONE: Final = {"width": 390, "height": 844}

CUT: Final = """(which) => [...document.querySelectorAll(which)]
  .filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.textContent)"""
"""The texts of chosen elements that are wider than these."""

WIDE: Final = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
"""Whether the page is wider than its window."""

LONG_LABELS: Final = """(name) => {
    const chart = Chart.getChart(document.querySelector(`#chart-${name} canvas`));
    const { ticks, width } = chart.scales.x;
    chart.ctx.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const lines = ticks.flatMap((tick) => [tick.label].flat());
    const long = (line) => chart.ctx.measureText(line.trim()).width > width / ticks.length;
    return [ticks.length, lines.filter(long)];
}"""
"""How many labels stand below the bars of a picture, and their lines that have too little room."""

AXE_FILE: Final = JUDGES / "axe.min.js"

READY: Final = "html[data-ready]"
"""What the page has when its scripts are through."""


def found() -> str | None:
    """The path of a browser. `BROWSER_PATH` names another one than those that are looked for."""
    named = os.environ.get("BROWSER_PATH")
    return named or next(filter(None, map(shutil.which, _NAMES)), None)


def missing() -> str | None:
    """What the browser tests lack, and how to get it. None if they can run."""
    if find_spec("playwright") is None:
        return "Playwright is not installed: make setup"
    if found() is None:
        return "no Chromium, Chrome or Edge is found: apt-get install chromium, or set BROWSER_PATH"
    return None


def without_axe() -> str | None:
    """What the judge of accessibility lacks. None if it can judge."""
    return None if AXE_FILE.exists() else f"{AXE.name} is not here: make browser fetches it"


with_axe: Final = pytest.mark.skipif(without_axe() is not None, reason=str(without_axe()))


@contextmanager
def launched() -> Iterator["Browser"]:
    """The browser, started. As root it has no sandbox, because it refuses that."""
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found(), args=arguments)
        try:
            yield browser
        finally:
            browser.close()


class Opened:
    """A page in a browser, what its console says, and what it asks from outside."""

    def __init__(self, page: "Page", path: Path) -> None:
        self.page = page
        self.path = path
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))
        page.on("request", lambda request: self.requests.append(request.url))

    def open(self, anchor: str = "") -> None:
        """Load the page, and wait until its scripts are through."""
        self.page.goto(f"{self.path.as_uri()}{anchor}")
        self.page.wait_for_selector(READY, state="attached")

    def names(self) -> list[str]:
        """The VMs that the table shows, in their order."""
        return self.page.locator("table.vms .expand").all_text_contents()

    def wait_for(self, count: int) -> None:
        """Wait until the table shows so many rows. The policy allows functions only, no `eval`."""
        script = f"() => document.querySelectorAll('table.vms .expand').length === {count}"
        self.page.wait_for_function(script)

    def violations(self) -> list[str]:
        """What axe finds."""
        self.page.evaluate(AXE_FILE.read_text("utf-8"))
        told: dict[str, Any] = self.page.evaluate(
            "axe.run(document, {resultTypes: ['violations', 'incomplete']})"
        )
        return [f"{each['id']}: {each['nodes'][0]['html']}" for each in told["violations"]]

    def check(self) -> None:
        """Nothing was refused, nothing failed, nothing was asked from outside."""
        assert self.complaints == []
        assert [url.partition("#")[0] for url in self.requests] == [self.path.as_uri()]


def main() -> None:
    """Say what is missing.

    Raises:
        SystemExit: something is missing.
    """
    if why := missing() or without_axe():
        raise SystemExit(f"the pages cannot be opened: {why}")


if __name__ == "__main__":
    main()
