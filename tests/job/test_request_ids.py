"""The evidence in a request id: what is put in comes out, and nothing else is evidence."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediator.job.request_ids import Evidence, Found, evidence_of, is_ours, request_id, tag

TAGS = st.integers(1, 4095)
EVIDENCE = st.builds(Evidence, rung=TAGS, found=st.sampled_from(Found), wanted=st.integers(0, 4095))
RUNS = st.text(max_size=40)
FORMER = ("19767abd-3063-8e31-94f1-5e8f5b0f3f0a", "19767abd-3063-8aaa-8000-000000000000")
"""Ids of the form before there was evidence: a hash fills all free bits."""


@given(EVIDENCE, RUNS, st.integers(0, 99))
def test_the_evidence_is_read_as_it_was_put_in(told: Evidence, run: str, step: int) -> None:
    named = request_id(run, step, told)
    assert named == request_id(run, step, told)
    assert UUID(named).version == 8
    assert is_ours(named)
    assert evidence_of(named) == evidence_of(named.upper()) == told


@given(RUNS, st.integers(0, 99))
def test_an_id_without_evidence_is_the_tools_and_tells_nothing(run: str, step: int) -> None:
    assert is_ours(request_id(run, step))
    assert evidence_of(request_id(run, step)) is None


@given(EVIDENCE, RUNS, st.integers(0, 98))
def test_two_steps_never_share_an_id(told: Evidence, run: str, step: int) -> None:
    assert request_id(run, step, told) != request_id(run, step + 1, told)
    assert request_id(run, step, told) != request_id(f"{run}'", step, told)


@pytest.mark.parametrize(
    "foreign",
    [
        None,
        "",
        "no id",
        "0",
        "6737f5bc-95d0-4306-8251-8bd38d91431c",
        "19767abd-3063-4aaa-8000-000000000000",
    ],
)
def test_a_foreign_id_is_neither_ours_nor_evidence(foreign: str | None) -> None:
    assert not is_ours(foreign)
    assert evidence_of(foreign) is None


@pytest.mark.parametrize("former", FORMER)
def test_an_id_of_a_former_version_is_ours_and_tells_nothing(former: str) -> None:
    assert is_ours(former)
    assert evidence_of(former) is None


@given(st.text(), st.text())
def test_a_tag_is_never_zero_which_stands_for_none(playbook: str, rung: str) -> None:
    assert 0 < tag(playbook, rung) < 4096
    assert tag(playbook, rung) == tag(playbook, rung)
