"""Every text that is given as a job is either a job's id or bad input."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediator import ids
from remediator.errors import BadInputError
from remediator.job.job import JobRef, VaultRef
from tests.any_value import FLAGS, NAMES, recased


@given(st.text(max_size=60))
def test_whatever_is_typed_for_a_job_is_a_job_or_bad_input(text: str) -> None:
    try:
        ref = JobRef.parse(text)
    except BadInputError as error:
        assert str(error)  # noqa: PT017 - the error must have a message
        return
    assert JobRef.parse(ref.id) == ref


@given(NAMES, NAMES, NAMES, st.uuids(), FLAGS)
def test_a_job_id_round_trips(s: str, g: str, v: str, name: Any, upper: list[bool]) -> None:
    ref = JobRef(vault=VaultRef(subscription=s, group=g, name=v), name=str(name))
    assert JobRef.parse(ref.id) == ref
    assert VaultRef.parse(ref.vault.id) == ref.vault
    assert ids.same(JobRef.parse(recased(ref.id, upper)).id, ref.id)
    for wrong in (ref.vault.id, ref.id + "/x/y", ref.id.replace("backupJobs", "backupjob")):
        with pytest.raises(BadInputError):
            JobRef.parse(wrong)
