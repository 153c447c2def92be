"""Every row of the articles has an answer and a test that proves it."""

from tests.coverage import PAGE, page, problems, rows


def test_every_row_cause_and_newer_code_is_proved() -> None:
    assert list(problems()) == []


def test_the_page_says_what_the_cases_prove() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run make generate"


def test_the_lists_are_whole() -> None:
    parts = [row.part for row in rows()]
    assert parts.count("rows") == 61
    assert parts.count("causes") == 26
    assert parts.count("newer") >= 60
    assert parts.count("newest") >= 75
