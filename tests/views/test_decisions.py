"""What must be decided is told once for all VMs that it concerns, with a command that fits."""

import shlex
from datetime import UTC, datetime
from io import StringIO
from typing import Final

from rich.console import Console

from remediator.report.batch import Standing
from remediator.report.decisions import MOST_NAMED, decisions_of
from remediator.report.summary import Row, Summary
from remediator.views.decisions_text import show_decisions
from remediator.views.summary_md import summary_md

NOW: Final = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DOWNTIME: Final = "--allow downtime"
ENDPOINT: Final = "--arm-endpoint https://example.invalid"


def waiting(name: str, *flags: str, code: str = "Code") -> Row:
    job = f"/subscriptions/s-{name}/x/backupJobs/{name} '$(id)'"
    command = " ".join(("remediate", "--job-id", shlex.quote(job), *flags, ENDPOINT))
    return Row(
        name,
        Standing.CONSENT,
        f"needs {' '.join(flags)}",
        job=job,
        subscription=f"s-{name}",
        code=code,
        opt_ins=flags,
        next=(command,),
    )


def human(name: str, why: str, then: str) -> Row:
    return Row(name, Standing.HUMAN, why, job=f"/j/{name}", code="Code", next=(then,))


def summary(*rows: Row) -> Summary:
    return Summary(NOW, NOW, rows)


def shown(told: Summary) -> str:
    out = StringIO()
    show_decisions(Console(file=out, width=40), decisions_of(told))
    return out.getvalue()


def test_vms_that_wait_for_the_same_consent_share_one_command() -> None:
    told = summary(
        waiting("a", "--allow cost"), *(waiting(each, DOWNTIME) for each in ("b", "c", "d"))
    )
    first, second = decisions_of(told).consents
    assert (first.flags, first.vms) == (DOWNTIME, 3)
    words = shlex.split(first.command)
    jobs = [words[n + 1] for n, word in enumerate(words) if word == "--job-id"]
    assert jobs == [row.job for row in told.rows[1:]]
    assert words[-4:] == [*DOWNTIME.split(), *ENDPOINT.split()]
    assert (second.flags, second.vms) == ("--allow cost", 1)
    assert second.command == told.rows[0].next[0]


def test_a_command_for_many_vms_names_their_places_and_codes() -> None:
    rows = [waiting(f"v{n}", DOWNTIME, code=f"C{n % 2}") for n in range(MOST_NAMED + 1)]
    (found,) = decisions_of(summary(*rows)).consents
    words = shlex.split(found.command)
    assert words[:3] == ["remediate", "scan", "--apply"]
    named = {words[n + 1] for n, word in enumerate(words) if word in ("--subscription", "--code")}
    assert named == {row.subscription for row in rows} | {"C0", "C1"}
    assert words[-4:] == [*DOWNTIME.split(), *ENDPOINT.split()]


def test_many_vms_that_need_a_person_get_a_command_that_changes_nothing() -> None:
    rows = [
        Row(f"v{n}", Standing.HUMAN, "why", job=f"/j/{n}", next=(f"remediate --job-id /j/{n}",))
        for n in range(MOST_NAMED + 1)
    ]
    (found,) = decisions_of(summary(*rows)).work
    assert found.next == "remediate scan"
    (fewer,) = decisions_of(summary(*rows[:2])).work
    assert fewer.next == "remediate --job-id /j/0 --job-id /j/1"


def test_each_reason_for_a_person_is_told_once_with_its_count() -> None:
    told = summary(
        human("a", "the disk is full", "free space"),
        human("b", "no network", "ask"),
        human("c", "the disk is full", "free space"),
        Row("d", Standing.NOT_FIXED, "failed again", code="Other", next=("the next remedy",)),
        Row("e", Standing.PENDING, "fine"),
    )
    found = decisions_of(told).work
    assert [(each.why, each.vms, each.next) for each in found] == [
        ("the disk is full", 2, "free space"),
        ("no network", 1, "ask"),
        ("failed again", 1, "the next remedy"),
    ]
    text = shown(told)
    assert "2 VMs  Code  the disk is full\n    free space\n" in text
    assert "1 VM  Code  no network\n    ask\n" in text


def test_nothing_is_told_where_nothing_must_be_decided() -> None:
    told = summary(Row("a", Standing.PENDING, "fine"))
    assert shown(told) == ""
    assert "To decide" not in summary_md(told)


def test_a_command_is_neither_wrapped_nor_cut() -> None:
    row = waiting("a", DOWNTIME)
    assert f"    {row.next[0]}\n" in shown(summary(row))
    assert f"`{row.next[0]}`" in summary_md(summary(row))
