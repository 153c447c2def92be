"""A pasted text names one job, or it is refused with what it names and the command that fits."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediator import ids
from remediator.azure.clouds import CLOUDS
from remediator.errors import BadInputError
from remediator.job.job import JobRef
from remediator.job.naming import MANAGEMENT_HOSTS, named, spelled, values_in
from tests.any_value import FLAGS, NAMES, recased
from tests.job.forms import BARE, BODY, ENDPOINT, JOB, NAME, OTHER, REFUSED, ROW, VAULT, WHOLE

WRAPPINGS = [
    '"{}"', "'{}'", "{{{}}}", "({})", "[{}]", "<{}>", "`{}`", "“{}”", "「{}」", "{},", "{}.",
    " {}\t", "\n{}\r\n", "|{}|", '["{}"]', "- {}", "{}  Failed  web", "{}\u200b",
]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["id", "name", "jobId", "type", "value", "data", "essentials", "alertContext",
             "extendedInfo", "alertTargetIDs", "protectedItemId"]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip
PIECES = st.lists(
    st.sampled_from(
        ["https://", "management.azure.com", "portal.azure.com", "#", "?", "/", "%2F", "%", "..",
         JOB, VAULT, NAME, OTHER, "backupJobs", "@", ":", "[", "]", "{", "}", '"', " ", ",", "\n",
         "\x00", "\u202e", "subscriptions", "é"]
    ),
    max_size=8,
)  # fmt: skip


@pytest.mark.parametrize("text", BARE.values(), ids=BARE.keys())
def test_a_name_is_found_in_its_wrapping(text: str) -> None:
    assert named(text) == NAME


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE.keys())
def test_an_id_is_found_in_its_wrapping(text: str) -> None:
    found = named(text, ENDPOINT)
    assert isinstance(found, JobRef)
    assert ids.same(found.id, JOB)


@pytest.mark.parametrize(("text", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_what_names_none_or_several_is_refused_in_one_line(text: str, says: str) -> None:
    with pytest.raises(BadInputError) as refused:
        named(text, ENDPOINT)
    said = str(refused.value)
    assert says in said
    assert "\n" not in said
    commands = ("az backup job list --", "remediate ", "--job-id @FILE")
    assert any(command in said for command in commands)


def test_a_url_of_an_endpoint_is_a_strangers_without_this_endpoint() -> None:
    with pytest.raises(BadInputError, match="no host of Azure"):
        named(f"{ENDPOINT}{JOB}")


def test_a_page_that_was_pasted_is_not_shown_whole() -> None:
    with pytest.raises(BadInputError) as refused:
        named("word " * 10_000)
    assert len(str(refused.value)) < 1000


def test_nesting_without_end_is_refused() -> None:
    for text in ("[" * 100_000, "[" * 100_000 + "]" * 100_000, "{" * 100_000):
        with pytest.raises(BadInputError):
            named(text)


def test_the_hosts_are_those_of_the_known_clouds() -> None:
    known = {cloud.endpoint.removeprefix("https://") for cloud in CLOUDS.values()}
    assert known == set(MANAGEMENT_HOSTS)


@given(NAMES, NAMES, NAMES, st.uuids(), FLAGS, st.lists(st.sampled_from(WRAPPINGS), max_size=3))
def test_any_wrapping_leads_to_the_same_id(
    s: str, g: str, v: str, name: Any, upper: list[bool], wrappings: list[str]
) -> None:
    job = f"/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.RecoveryServices/vaults/{v}"
    text = job = f"{job}/backupJobs/{name}"
    text = recased(text, upper)
    for wrapping in wrappings:
        text = wrapping.format(text)
    assert ids.same(spelled(named(text)), job)


@given(st.text(max_size=60) | PIECES.map("".join) | JSON.map(json.dumps))
def test_any_text_is_a_job_that_is_named_again_or_bad_input(text: str) -> None:
    try:
        found = named(text, ENDPOINT)
    except BadInputError as error:
        assert str(error)  # noqa: PT017 - the error must have a message
        return
    assert named(spelled(found)) == found


@given(st.text(max_size=60) | JSON.map(json.dumps))
def test_any_file_is_read_without_an_error(text: str) -> None:
    assert all(isinstance(value, str) for value in values_in(text))


HEAD = "Name    Operation    Status"
TABLES = {
    "lines": f"{NAME}\n\n# a remark\n  {OTHER}\r\n",
    "a table of az": f"{HEAD}\n------  -----------  --------\n{ROW}\n{OTHER}  Backup  Failed\n",
    "a framed table": f"+---+---+\n| Name | Status |\n|:---|---|\n| {NAME} | x |\n| {OTHER} | x |\n"
    "+---+---+\n",
    "a JSON list": json.dumps([BODY, {"name": OTHER}], indent=1),
    "an answer": json.dumps({"value": [BODY, {"name": OTHER}]}),
    "a list of names": json.dumps([NAME, OTHER]),
    "lines of JSON": json.dumps(BODY) + "\n" + json.dumps({"name": OTHER}),
    "lines of names in braces": f"{{{NAME}}}\n{{{OTHER}}}",
}


@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES.keys())
def test_a_file_names_a_job_in_each_line_or_element(text: str) -> None:
    jobs = [named(value) for value in values_in(text)]
    assert [job.name if isinstance(job, JobRef) else job for job in jobs] == [NAME, OTHER]


def test_a_whole_object_is_one_value_and_an_odd_line_is_kept() -> None:
    assert len(values_in(json.dumps(BODY, indent=2))) == 1
    assert values_in(f"{NAME}\nodd\n") == (NAME, "odd")
    assert values_in("") == ()
