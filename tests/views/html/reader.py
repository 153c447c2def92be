"""Read a page of HTML as a browser does before it runs a script, and judge what it may load."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any, Final

from tests.controls import controls

_LOADING: Final = {"src", "srcset", "data", "action", "formaction", "poster", "background", "ping"}
"""Attributes with which an element loads something, or sends something away."""

_TAGS: Final = {
    *("html", "head", "meta", "title", "style", "script", "noscript", "body"),
    *("header", "main", "section", "div", "h1", "h2", "h3", "h4", "p", "span", "strong", "a"),
    *("dl", "dt", "dd", "ul", "ol", "li", "details", "summary", "button", "code"),
    *("figure", "figcaption", "canvas", "table", "thead", "tbody", "tr", "th", "td"),
}


class Read(HTMLParser):
    """A page: its tags, its attributes, its scripts, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.attributes: list[tuple[str, str, str]] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.data = ""
        self.policy: dict[str, list[str]] = {}
        self.shown: list[str] = []
        self._in = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.told: dict[str, Any] = json.loads(self.data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _TAGS, tag
        values = {name: value or "" for name, value in attrs}
        self.attributes += [(tag, name, value) for name, value in values.items()]
        if values.get("http-equiv") == "Content-Security-Policy":
            assert not self.scripts + self.styles, "the policy comes before what it allows"
            for part in values["content"].split("; "):
                name, *sources = part.split()
                self.policy[name] = sources
        self._in = "data" if values.get("type") == "application/json" else tag
        if self._in == "data":
            assert not self.data, "there is one block of data"
        elif tag in ("script", "style"):
            (self.scripts if tag == "script" else self.styles).append("")

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the base class names it
        self._in = ""

    def handle_data(self, data: str) -> None:
        match self._in:
            case "data":
                self.data += data
            case "script":
                self.scripts[-1] += data
            case "style":
                self.styles[-1] += data
            case _:
                self.shown.append(data)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of the table, each by its columns."""
        return self.table(self.told)

    def table(self, told: dict[str, Any]) -> list[dict[str, Any]]:
        """The rows of one table of the data, each by its columns."""
        columns = told["columns"]
        names = [*columns["texts"], *columns["lists"], *columns["numbers"]]
        return [
            {
                name: self._value(name, value, columns)
                for name, value in zip(names, row, strict=True)
            }
            for row in told["rows"]
        ]

    def _value(self, name: str, value: Any, columns: dict[str, list[str]]) -> Any:
        if name in columns["numbers"]:
            return value
        if name in columns["lists"]:
            return [self.text(each) for each in value]
        return self.text(value)

    def text(self, packed: int | list[int]) -> str:
        """A text of the data, put together."""
        numbers = packed if isinstance(packed, list) else [packed]
        return "".join(self.told["parts"][number] for number in numbers)


def read(text: str) -> Read:
    """Read a page. It must allow its own scripts and its style, and nothing else."""
    assert not controls(text)
    page = Read(text)
    assert page.policy == {
        "default-src": ["'none'"],
        "script-src": [_digest(script) for script in page.scripts],
        "style-src": [_digest(style) for style in page.styles],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["'none'"],
    }
    for tag, name, value in page.attributes:
        assert name not in _LOADING, (tag, name, value)
        assert name != "style", (tag, value)
        assert not name.startswith("on"), (tag, name)
        assert name != "href" or value.startswith("#"), value
    assert not re.search(r"url\(|@import|image-set", "".join(page.styles))
    assert not re.search(r"sourceMappingURL|\bimport\(", "".join(page.scripts))
    assert "<" not in page.data
    return page


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
