"""The messages of `data/failures.yaml`, and failed jobs that contain them."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from ruamel.yaml import YAML

from remediator.job.job import ErrorDetail, Job, VaultRef
from remediator.playbook.catalogue import read_catalogue
from tests.places import DATA

ROWS: list[dict[str, Any]] = YAML(typ="safe").load(
    (DATA / "failures.yaml").read_text(encoding="utf-8")
)
LANGUAGES = ("en", "zh-CN", "zh-TW")
NOW = datetime(2026, 1, 2, tzinfo=UTC)
CATALOGUE = read_catalogue()
TEXTS = [
    (text, tuple(row["codes"]), f"{row['row']} {language}")
    for row in ROWS
    for language in LANGUAGES
    for text in row.get(language, ())
]
"""Each message, the codes that it may mean, and its place in the file."""


def job(*errors: ErrorDetail, dynamic: str | None = None, vm: str = "web") -> Job:
    """A failed job that contains these errors."""
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
    """An error that has this text."""
    return ErrorDetail(code=code, title=title, text=text, recommendations=())


@cache
def has_playbook(code: str) -> bool:
    """Whether the built-in catalogue knows a code."""
    return CATALOGUE.entry(code) is not None
