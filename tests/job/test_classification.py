"""The tool knows a failure by its code or words, in three languages. Similar words do not count."""

from collections.abc import Iterator
from typing import Any

import pytest

from remediator.job import index
from remediator.job.failure import Confidence, Failure, classify
from remediator.playbook import indexing
from tests.job.messages import CATALOGUE, ROWS, TEXTS, error, has_playbook, job
from tests.places import PLAYBOOKS


def said(text: str, **more: Any) -> Failure:
    """Classify a job whose error has this text and no code."""
    return classify(job(error(text), **more), CATALOGUE)


@pytest.mark.parametrize(
    ("text", "codes"), [pytest.param(t, c, id=f"{where}: {t[:40]}") for t, c, where in TEXTS]
)
def test_every_message_is_known_by_its_words(text: str, codes: tuple[str, ...]) -> None:
    if not has_playbook(codes[0]):
        pytest.skip(f"no playbook yet for {codes[0]}")
    found = said(text)
    assert found.code in codes, found.evidence
    assert found.confidence is Confidence.TEXT


def test_every_code_has_a_playbook() -> None:
    """The test above skips the messages of a code without a playbook. No such code may be left."""
    missing = {row["codes"][0] for row in ROWS} - {c for c in _codes() if has_playbook(c)}
    assert sorted(missing) == []


def _codes() -> Iterator[str]:
    for row in ROWS:
        yield from row["codes"]


def test_the_index_fits_the_playbooks() -> None:
    told = (PLAYBOOKS / index.FILE).read_text(encoding="utf-8")
    assert told == index.text(indexing.rows(PLAYBOOKS)), "make generate"
