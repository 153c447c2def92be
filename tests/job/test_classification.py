"""What Azure says is known by its code or its words, in three languages; what is near it is not."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from ruamel.yaml import YAML

from remediator.job import index
from remediator.job.failure import Confidence, Failure, classify
from remediator.job.job import ErrorDetail, Job, VaultRef
from remediator.playbook import indexing
from remediator.playbook.catalogue import read_catalogue
from tests.places import DATA, PLAYBOOKS

ROWS: list[dict[str, Any]] = YAML(typ="safe").load(
    (DATA / "failures.yaml").read_text(encoding="utf-8")
)
LANGUAGES = ("en", "zh-CN", "zh-TW")
NOW = datetime(2026, 1, 2, tzinfo=UTC)
CATALOGUE = read_catalogue()


def job(*errors: ErrorDetail, dynamic: str | None = None, vm: str = "web") -> Job:
    return Job(
        id="j",
        name="j",
        operation="Backup",
        status="Failed",
        start=NOW,
        end=NOW,
        vm_name=vm,
        container=f"iaasvmcontainerv2;rg-app;{vm}",
        vault=VaultRef(subscription="s", group="rg", name="vault-main"),
        management_type="AzureIaasVM",
        errors=errors,
        dynamic_error_message=dynamic,
        activity_id=None,
        seen=NOW,
        source="GET j",
    )


def error(text: str, title: str = "", code: int | str | None = None) -> ErrorDetail:
    return ErrorDetail(code=code, title=title, text=text, recommendations=())


def said(text: str, **more: Any) -> Failure:
    """What a job is known by whose error has this text and no code."""
    return classify(job(error(text), **more), CATALOGUE)


@cache
def has_playbook(code: str) -> bool:
    return CATALOGUE.entry(code) is not None


TEXTS = [
    (text, tuple(row["codes"]), f"{row['row']} {language}")
    for row in ROWS
    for language in LANGUAGES
    for text in row.get(language, ())
]


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
    """The end of the list: until then the messages of these codes are not tried."""
    missing = {row["codes"][0] for row in ROWS} - {c for c in _codes() if has_playbook(c)}
    assert sorted(missing) == []


def _codes() -> Iterator[str]:
    for row in ROWS:
        yield from row["codes"]


def test_the_index_fits_the_playbooks() -> None:
    told = (PLAYBOOKS / index.FILE).read_text(encoding="utf-8")
    assert told == index.text(indexing.rows(PLAYBOOKS)), "make generate"
