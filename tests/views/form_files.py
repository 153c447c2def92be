"""Read the files that `--output` writes, as the programs that take them do."""

import csv
import re
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element, fromstring

from tests.command import Ended, remediate
from tests.controls import controls

ENDINGS: Final = ("md", "html", "xml", "sarif", "csv", "json")

SUITES: Final = {"name", "time", "tests", "failures", "disabled", "errors"}
SUITE: Final = SUITES - {"disabled"} | {"skipped", "timestamp", "hostname", "id", "package"}
CASE: Final = {"name", "assertions", "time", "classname", "status"}
FOLDS: Final = ("<details><summary>evidence and changes</summary>", "</details>")
"""The lines of HTML in Markdown, in English. No text of Azure stands in them."""

RESULTS: Final = {"skipped", "failure", "error"}


@dataclass(frozen=True)
class Files:
    """One report in all forms."""

    folder: Path

    @property
    def options(self) -> list[str]:
        """The options that make one command write all of them."""
        return [word for end in ENDINGS for word in ("-o", str(self.folder / f"report.{end}"))]

    def text(self, ending: str) -> str:
        """The text of one file, exactly."""
        return (self.folder / f"report.{ending}").read_bytes().decode("utf-8")

    def rows(self) -> list[dict[str, str]]:
        """The records of the CSV file."""
        return records(self.text("csv"))


def records(text: str) -> list[dict[str, str]]:
    """The records of a CSV text, each by its headings."""
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert not controls(text)
    header, *rest = csv.reader(StringIO(text, newline=""), strict=True)
    assert all(len(record) == len(header) for record in rest)
    assert not [cell for record in rest for cell in record if cell[:1] in tuple("=+-@\t\r")]
    return [dict(zip(header, record, strict=True)) for record in rest]


def cases(text: str) -> list[Element]:
    """The cases of a JUnit text. Its structure must be that of Jenkins's schema."""
    assert not controls(text)
    root = fromstring(text.encode("utf-8"))  # noqa: S314 - our own file
    assert root.tag == "testsuites"
    assert set(root.attrib) <= SUITES
    (suite,) = root
    assert suite.tag == "testsuite"
    assert {"name", "tests", "failures", "errors"} <= set(suite.attrib) <= SUITE
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.attrib["timestamp"])
    properties, *found = suite
    assert properties.tag == "properties"
    assert all(set(each.attrib) == {"name", "value"} for each in properties)
    for case in found:
        assert case.tag == "testcase"
        assert {"name", "classname"} <= set(case.attrib) <= CASE
        assert {part.tag for part in case} <= RESULTS | {"system-out"}
        results = [part for part in case if part.tag in RESULTS]
        assert len(results) <= 1
        assert all(set(each.attrib) == {"type", "message"} for each in results)
        assert all(each.attrib["message"] for each in results)
    for element in (root, suite):
        assert int(element.attrib["tests"]) == len(found)
        for kind, plural in {"failure": "failures", "error": "errors"}.items():
            counted = sum(case.find(kind) is not None for case in found)
            assert int(element.attrib[plural]) == counted
    skipped = sum(case.find("skipped") is not None for case in found)
    assert int(suite.attrib["skipped"]) == skipped
    return found


def result(case: Element) -> str:
    """The result of a case."""
    return next((part.tag for part in case if part.tag in RESULTS), "passed")


def results(told: dict[str, Any]) -> list[dict[str, Any]]:
    """The results of a SARIF log. The log must have what the schema of SARIF 2.1.0 requires."""
    assert set(told) == {"$schema", "version", "runs"}
    assert told["version"] == "2.1.0"
    assert re.fullmatch(
        r"https://docs\.oasis-open\.org/\S+sarif-schema-2\.1\.0\.json", told["$schema"]
    )
    (run,) = told["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "remediate"
    rules = [rule["id"] for rule in driver["rules"]]
    assert len(set(rules)) == len(rules)
    for call in run["invocations"]:
        assert isinstance(call["executionSuccessful"], bool)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", call["startTimeUtc"])
    for found in run["results"]:
        assert found["level"] in ("none", "note", "warning", "error")
        assert rules[found["ruleIndex"]] == found["ruleId"]
        assert found["message"]["text"]
        assert all(isinstance(each, str) for each in found["partialFingerprints"].values())
        (place,) = found["locations"]
        (logical,) = place["logicalLocations"]
        assert set(logical) == {"name", "fullyQualifiedName", "kind"}
    assert {found["ruleId"] for found in run["results"]} == set(rules)
    listed: list[dict[str, Any]] = run["results"]
    return listed


def tabled(text: str) -> list[list[str]]:
    """The cells of the Markdown's table, without its heading. Every row must have as many."""
    assert not controls(text)
    lines = [line for line in text.splitlines() if line.startswith("|")]
    split = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert len({len(cells) for cells in split}) <= 1
    assert all(set(cell) == {"-"} for cell in split[1])
    return split[2:]


def outside_code(text: str) -> str:
    """A Markdown text without its code spans and folds.

    A backslash takes a backtick its meaning.
    """
    lines = (line for line in text.splitlines() if line not in FOLDS)
    return re.sub(r"(?<![\\`])(`+)(?!`).+?(?<!`)\1(?!`)", "", "\n".join(lines))


def written(folder: Path, env: dict[str, str], *arguments: str) -> tuple[Ended, Files]:
    """Run a command that writes all forms into a new folder."""
    folder.mkdir()
    files = Files(folder)
    return remediate(*arguments, *files.options, env=env), files
