"""The texts of a job decide its failure, and the tool keeps all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediator.job.failure import Confidence, classify
from remediator.job.job import ErrorDetail
from tests.classified import detail, job, known


@pytest.mark.parametrize(
    ("errors", "said", "code", "confidence", "evidence"),
    [
        ([detail("KNOWN", 1)], None, "Known", "certain", "errorDetails[0].errorTitle"),
        ([detail("odd", 400123)], None, "400123", "certain", "errorDetails[0].errorCode"),
        ([detail("", 400123)], None, "400123", "certain", "errorDetails[0].errorCode"),
        ([detail("", "known")], None, "Known", "certain", "errorDetails[0].errorCode"),
        ([detail("odd", 7)], None, "odd", "none", "errorDetails[0].errorTitle"),
        ([detail("", 7)], None, "7", "none", "errorDetails[0].errorCode"),
        ([detail("", 0)], None, "0", "none", "errorDetails[0].errorCode"),
        ([detail()], None, None, "none", "names no code, and no known message"),
        ([], None, None, "none", "no error details"),
        ([detail("odd"), detail("known")], None, "Known", "certain", "errorDetails[1].errorTitle"),
        ([detail("also"), detail("known")], None, None, "none", "more than one playbook fits"),
        ([detail("odd", 400123), detail("known")], None, "Known", "certain", "[1].errorTitle"),
        ([detail("known")], "also", "Also", "operator", "--error-code"),
        ([detail("known")], "nonsense", "nonsense", "none", "--error-code"),
        ([], "KNOWN", "Known", "operator", "--error-code"),
    ],
)
def test_a_failure_is_classified_by_what_the_job_says(
    errors: list[ErrorDetail], said: str | None, code: str | None, confidence: str, evidence: str
) -> None:
    found = classify(job(*errors), known, said)
    assert (found.code, found.confidence) == (code, Confidence(confidence))
    assert found.known == (confidence != "none")
    assert evidence in found.evidence


@given(st.lists(st.tuples(st.text(max_size=8), st.integers(0, 9), st.text(max_size=8)), max_size=4))
def test_every_message_and_recommendation_of_a_job_is_kept(
    rows: list[tuple[str, int, str]],
) -> None:
    found = classify(job(*(detail(t, c, r) for t, c, r in rows)), known)
    assert found.recommendations == tuple(r for _, _, r in rows)
    assert all(f"text {t}" in found.message for t, _, _ in rows)
