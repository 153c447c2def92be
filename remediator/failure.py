"""Failure: a job's error, classified, with the evidence it was classified by."""

from collections.abc import Callable
from enum import StrEnum

from remediator.job import Job
from remediator.value import Value


class Confidence(StrEnum):
    """How sure the classification is."""

    OPERATOR = "operator"
    """The person said so with --error-code."""
    CERTAIN = "certain"
    """The job names the code itself."""
    NONE = "none"
    """Nothing that the job says is known here."""


class Failure(Value):
    """What failed."""

    code: str | None
    """The symbolic code; None when the job names none at all."""
    known: bool
    """Whether a playbook is keyed by the code."""
    confidence: Confidence
    evidence: str
    message: str
    recommendations: tuple[str, ...]
    """Azure's own, as the job carries them."""


def classify(job: Job, known: Callable[[str], str | None], said: str | None = None) -> Failure:
    """Find the code of a job's failure.

    In order: what the operator said; each error's title, which carries the symbolic code in
    recorded traffic; its number. The first that a playbook knows wins; failing that, the first
    that is there at all.

    Args:
        job: the failed job.
        known: gives the spelling of a code that a playbook is keyed by, or None.
        said: the code that the operator gave.
    """
    message = " ".join(error.text for error in job.errors) or (job.dynamic_error_message or "")
    recommendations = tuple(r for error in job.errors for r in error.recommendations)

    def failure(code: str | None, confidence: Confidence, evidence: str) -> Failure:
        found = known(code) if code else None
        return Failure(
            code=found or code,
            known=found is not None,
            confidence=confidence if found else Confidence.NONE,
            evidence=evidence,
            message=message,
            recommendations=recommendations,
        )

    if said:
        return failure(said, Confidence.OPERATOR, "--error-code")
    named = [
        (str(value), f"errorDetails[{n}].{field}")
        for field, pick in (("errorTitle", "title"), ("errorCode", "code"))
        for n, error in enumerate(job.errors)
        if (value := getattr(error, pick)) not in (None, "")
    ]
    for code, where in named:
        if known(code):
            return failure(code, Confidence.CERTAIN, f"{where} = {code} ({job.source})")
    if named:
        code, where = named[0]
        return failure(code, Confidence.NONE, f"{where} = {code} ({job.source})")
    return failure(None, Confidence.NONE, f"the job carries no error details ({job.source})")
