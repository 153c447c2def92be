"""Writes a page as one file that loads nothing and lets nothing else run.

The page brings its own content security policy. Only the scripts and the style that stand in the
file are allowed, by their digests, so a text that became markup could not run (W3C, "Content
Security Policy Level 3", hash sources).
"""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from remediator.language import spoken
from remediator.version import __version__
from remediator.views.html.embedded import block, unpacked
from remediator.views.html.page import Page

ASSETS: Final = Path(__file__).parent / "assets"

_SCRIPTS: Final = (
    "vendor/chart.umd.min.js",
    "vendor/table-core.js",
    "texts.js",
    "copying.js",
    "charts.js",
    "stories.js",
)
"""The first scripts in their order. The first two are of others; `make assets` puts them there."""

_LAST: Final = ("table.js", "grid.js", "page.js")
"""The scripts that come after the one that says what the columns show."""


@cache
def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def digest(text: str) -> str:
    """A source of a content security policy: the digest of a script or a style."""
    found = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(found).decode()}'"


def document(page: Page) -> str:
    """The page as HTML."""
    style, theme = _asset("page.css"), _asset("theme.js")
    scripts = [_asset(name) for name in (*_SCRIPTS, page.cells, *_LAST)]
    policy = "; ".join(
        (
            "default-src 'none'",
            " ".join(("script-src", *map(digest, (theme, *scripts)))),
            " ".join(("style-src", digest(style))),
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )
    environment = Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    parts: list[str] = page.data["parts"]
    charts = [chart.drawn for chart in page.charts]
    # These texts are the package's own. The data is written so that no text can end its block.
    return environment.get_template("page.html").render(
        page=page,
        text=lambda packed: unpacked(packed, parts),
        policy=policy,
        language=spoken(),
        version=__version__,
        style=Markup(style),  # noqa: S704
        theme=Markup(theme),  # noqa: S704
        scripts=[Markup(script) for script in scripts],  # noqa: S704
        data=Markup(block({**page.data, "charts": charts, "texts": page.texts})),  # noqa: S704
    )
