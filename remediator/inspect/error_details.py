"""The errors that a job carries. A job's detail and a list's row show them in the same form."""

from typing import Any, Final

from remediator.inspect.wire import items, text
from remediator.job.job import ErrorDetail
from remediator.redaction import redacted

_DEEPEST: Final = 4
"""The deepest level of errors inside errors that is read. Azure's answers do not go deeper."""


def error_details(properties: Any) -> tuple[ErrorDetail, ...]:
    """The entries of a job's `errorDetails`.

    Args:
        properties: the job's properties, as Azure answered.
    """
    return tuple(_error(detail, _DEEPEST) for detail in items(properties, "errorDetails"))


def _error(detail: dict[str, Any], deeper: int) -> ErrorDetail:
    """One error.

    A job's error has `errorCode`, `errorTitle` and `errorString`. An error of Azure Resource
    Manager may be in the job's `details`; it has `code` and `message`.
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
