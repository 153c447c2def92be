"""Whether the vault protects the VM. A state that is missing or new is neither yes nor no."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from remediator.conditions import CONDITIONS, State
from remediator.facts import Facts, Known, Unknown
from remediator.inspect.item import parse
from remediator.inspect.jobs import parse_job
from remediator.job.dictionary import Dictionary
from remediator.job.failure import classify
from remediator.job.job import VaultRef
from remediator.reading import Answer

AT = datetime(2026, 1, 2, tzinfo=UTC)
JOB = parse_job(
    Answer(body={"id": "/j", "properties": {"operation": "Backup"}}, at=AT),
    VaultRef(subscription="S", group="G", name="V"),
    "GET job",
)


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("Protected", "protected"),
        ("IRPending", "protected"),
        ("ProtectionError", "protected"),
        ("ProtectionStopped", "stopped"),
        ("ProtectionPaused", "stopped"),
        ("BackupsSuspended", "stopped"),
        ("backupssuspended", "stopped"),
        ("SomethingNewer", None),
        ("", None),
        (None, None),
    ],
)
def test_only_a_known_state_is_a_word(state: str | None, word: str | None) -> None:
    item = parse({"id": "/i", "name": "i", "properties": {"protectionState": state}})
    facts = replace(Facts.of(JOB, classify(JOB, Dictionary())), item=Known(item, "GET", AT))
    found = CONDITIONS["protection"].derive(facts)
    assert isinstance(found, Unknown if word is None else State)
    assert (found.value if isinstance(found, State) else None) == word
