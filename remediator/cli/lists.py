"""The lists as tsv: one record a line, its values between tabs, without a header, in English.

A column keeps its place: a new one is added at the end. An empty value stays empty. Several values
in one column stand between commas. A tab or a line break in a value becomes a space.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from remediator.guards.preflight import Right
    from remediator.job.index import Row
    from remediator.playbook.abilities import Ability
    from remediator.report.history import History
    from remediator.report.runs import Story

PLAYBOOKS: Final = ("playbook", "class", "rungs", "impacts", "codes", "origin", "title")
ACTIONS: Final = ("action", "impacts", "reads", "operations", "permissions", "meaning")
RUNS: Final = ("run", "state", "began", "vm", "code", "verdict", "job", "error")
HISTORY: Final = (
    "vm", "vm_id", "subscription", "vault", "code", "failures", "first", "last", "incidents",
    "recovered", "open", "median_seconds",
)  # fmt: skip
TRAIL: Final = (
    "seq", "at", "event", "run", "who", "method", "target", "lock", "result", "text",
    "correlation_id",
)  # fmt: skip
RIGHTS: Final = ("state", "permission", "scope", "because")


def tsv(records: Iterable[Iterable[object]]) -> str:
    """Records as lines."""
    from remediator.views.plain import plain  # a page of help names the columns, and shows no list

    rows = ((plain(_value(each)) for each in record) for record in records)
    return "".join("\t".join(row) + "\n" for row in rows)


def playbooks(found: "Iterable[Row]") -> Iterator[tuple[object, ...]]:
    """A record for each playbook."""
    for row in found:
        yield row.name, row.reach, len(row.ladder), row.impacts, row.codes, row.origin, row.title


def actions(found: "Iterable[Ability]") -> Iterator[tuple[object, ...]]:
    """A record for each action."""
    for each in found:
        operations = tuple(operation.value for operation in each.operations)
        meaning = " ".join(each.meaning.split())
        yield each.action, each.impacts, each.needs, operations, each.permissions, meaning


def runs(stories: "Iterable[Story]") -> Iterator[tuple[object, ...]]:
    """A record for each run."""
    for story in stories:
        job, report = story.plan.job, story.report
        yield (
            story.run_id,
            story.state,
            story.began.isoformat(),
            job.vm_id or job.vm_name,
            story.plan.failure.code,
            report.verdict.ending if report else None,
            job.id,
            story.error,
        )


def history(found: "History") -> Iterator[tuple[object, ...]]:
    """A record for each VM and code."""
    for row in found.recurring:
        yield (
            row.vm,
            row.vm_id,
            row.subscription,
            row.vault,
            row.code,
            row.failures,
            row.first.isoformat(),
            row.last.isoformat(),
            row.incidents,
            row.recovered,
            "yes" if row.open else "no",
            None if row.median is None else round(row.median),
        )


def trail(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[object, ...]]:
    """A record for each line of an audit trail.

    Of a line that is not one, only the event `unreadable` and its text are known.
    """
    from remediator.views.audit_text import who

    for row in rows:
        what, lock = row.get("what"), row.get("lock")
        what, lock = (each if isinstance(each, dict) else {} for each in (what, lock))
        unreadable = "unreadable" in row
        yield (
            row.get("seq"),
            row.get("at"),
            "unreadable" if unreadable else row.get("event"),
            row.get("run"),
            who(row["who"]) if row.get("who") else None,
            what.get("method"),
            what.get("target"),
            lock.get("id"),
            row.get("result"),
            row["unreadable"] if unreadable else row.get("text"),
            row.get("correlation_id"),
        )


def rights(found: "Iterable[Right]") -> Iterator[tuple[object, ...]]:
    """A record for each permission at a scope."""
    for right in found:
        yield right.state, right.permission, right.scope, right.because


def _value(value: object) -> str:
    if value is None:
        return ""
    text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return text.replace("\t", " ")
