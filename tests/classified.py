"""A failed job with any errors, the known codes, and facts that rest on both."""

from datetime import timedelta
from typing import Any

from remediator.facts import Facts
from remediator.job.dictionary import Dictionary, Entry
from remediator.job.failure import Confidence, Failure
from remediator.job.job import ErrorDetail, Job, VaultRef
from tests.any_value import GROUP, NOW, SUBSCRIPTION


def job(*errors: ErrorDetail, name: str = "j", vm: str = "web") -> Job:
    """A failed job that carries these errors."""
    return Job(
        id=f"{GROUP}/j",
        name=name,
        operation="Backup",
        status="Failed",
        start=NOW - timedelta(hours=3),
        end=NOW - timedelta(hours=2),
        vm_name=vm,
        container=f"iaasvmcontainerv2;rg-app;{vm}",
        vault=VaultRef(subscription=SUBSCRIPTION, group="rg", name="vault"),
        management_type="AzureIaasVM",
        errors=errors,
        dynamic_error_message=None,
        activity_id=None,
        seen=NOW,
        source="GET j",
    )


def detail(title: str = "", code: int | str | None = None, *recommended: str) -> ErrorDetail:
    """An error. Its title decides its text."""
    return ErrorDetail(code=code, title=title, text=f"text {title}", recommendations=recommended)


known = Dictionary(Entry(code, playbook=code) for code in ("Known", "Also", "400123"))


def facts(**parts: Any) -> Facts:
    """The facts of the job's VM. Only the named sources were read."""
    failure = Failure(
        code="Known",
        known=True,
        confidence=Confidence.CERTAIN,
        evidence="",
        message="",
        recommendations=(),
    )
    return Facts(subject=job().subject, job=job(), failure=failure, **parts)
