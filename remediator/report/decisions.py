"""What must be decided after a command: consents that are missing, and work for a person."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from shlex import quote
from typing import Final

from remediator.report.batch import Standing
from remediator.report.summary import Row, Summary

MOST_NAMED: Final = 5
"""How many jobs one command names. For more, the command names their subscriptions and codes."""

_FOR_A_PERSON: Final = (
    Standing.LOCK_OFF,
    Standing.NOT_FIXED,
    Standing.HUMAN,
    Standing.NOT_REMEDIABLE,
)


@dataclass(frozen=True, slots=True)
class Missing:
    """A consent that was not given."""

    flags: str
    """The flags that give it."""
    rows: tuple[Row, ...]
    """The VMs that wait for it."""
    command: str
    """The command that fixes these VMs with this consent."""

    @property
    def vms(self) -> int:
        """How many VMs wait for it."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Work:
    """A reason why a person is needed."""

    code: str | None
    """The code of the failure."""
    why: str
    rows: tuple[Row, ...]
    """The VMs that have this reason."""
    next: str
    """What to do first: a command, or a sentence. Empty if nothing is known."""

    @property
    def vms(self) -> int:
        """How many VMs have this reason."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Decisions:
    """All that a person must decide."""

    consents: tuple[Missing, ...]
    """The consent that most VMs wait for comes first."""
    work: tuple[Work, ...]
    """The reason that most VMs have comes first."""


def decisions_of(summary: Summary) -> Decisions:
    """What must be decided for the VMs of a summary."""
    waiting = [row for row in summary.rows if row.standing is Standing.CONSENT]
    failing = [row for row in summary.rows if row.standing in _FOR_A_PERSON]
    consents = (
        Missing(" ".join(rows[0].opt_ins), tuple(rows), _command(rows, "remediate scan --apply"))
        for rows in _alike(waiting, lambda row: row.opt_ins)
    )
    work = (
        Work(rows[0].code, rows[0].why, tuple(rows), _first(rows))
        for rows in _alike(failing, lambda row: (row.code or "", row.why))
    )
    return Decisions(tuple(consents), tuple(work))


def _first(rows: list[Row]) -> str:
    """The first thing to do. If it is a look at one job, it becomes a look at all of them."""
    return _command(rows, "remediate scan")


def _command(rows: list[Row], scan: str) -> str:
    """The next command of a VM, as one command for several VMs.

    If the VM's next thing is no command for its job, it stands for all of them.

    Args:
        rows: the VMs.
        scan: the command for more VMs than a command can name.
    """
    rest = _rest(rows[0])
    if len(rows) == 1 or rest is None:
        return rows[0].next[0] if rows[0].next else ""
    if len(rows) <= MOST_NAMED:
        return "remediate" + "".join(f" --job-id {quote(row.job)}" for row in rows) + rest
    places = "".join(
        f" --subscription {quote(each)}" for each in _each(r.subscription for r in rows)
    )
    codes = "".join(f" --code {quote(each)}" for each in _each(r.code for r in rows))
    return f"{scan}{places}{codes}{rest}"


def _rest(row: Row) -> str | None:
    """The options of a VM's next command beside its job. None if it is no such command."""
    begin = f"remediate --job-id {quote(row.job)}"
    command = row.next[0] if row.next else ""
    return command.removeprefix(begin) if command.startswith(begin) else None


def _each(texts: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, texts)))


def _alike(rows: list[Row], key: Callable[[Row], tuple[str, ...]]) -> list[list[Row]]:
    """The rows in groups of the same key, the largest group first."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return sorted(groups.values(), key=len, reverse=True)
