"""The errors that a job carries, as its detail and a list's row show them alike."""

from typing import Any, Final

from remediator.inspect.wire import items, text
from remediator.job.job import ErrorDetail
from remediator.redaction import redacted

_DEEPEST: Final = 4
"""Errors inside errors are looked for so far down; deeper ones are no answer of Azure's."""


def error_details(properties: Any) -> tuple[ErrorDetail, ...]:
    """The entries of a job's `errorDetails`.

    Args:
        properties: of a job, as Azure answered.
    """
    return tuple(_error(detail, _DEEPEST) for detail in items(properties, "errorDetails"))


def _error(detail: dict[str, Any], deeper: int) -> ErrorDetail:
    """One error.

    A job's error has `errorCode`, `errorTitle` and `errorString`. An error of Azure Resource
    Manager, which may stand in its `details`, has `code` and `message`.
    """
    number, title = detail.get("errorCode"), text(detail, "errorTitle")
    code = detail.get("code")
    if number is None and isinstance(code, int):
        number = code
    elif not title and isinstance(code, str):
        title = code
    recommended = detail.get("recommendations")
    return ErrorDetail(
        code=number if isinstance(number, int | str) else None,
        title=redacted(title),
        text=redacted(text(detail, "errorString") or text(detail, "message")),
        recommendations=tuple(redacted(r) for r in recommended if isinstance(r, str))
        if isinstance(recommended, list)
        else (),
        details=tuple(_error(each, deeper - 1) for each in items(detail, "details"))
        if deeper
        else (),
    )
