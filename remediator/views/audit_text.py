"""The audit trail, shown to a person at a terminal: one line per line of the trail."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.text import Text

from remediator.views.plain import plain, short


def show_trail(console: Console, rows: Iterable[dict[str, Any]]) -> None:
    """Show for each line the time, the event, the run, the person, the change and its result."""
    for row in rows:
        console.print(_line(row), soft_wrap=True)


def _line(row: dict[str, Any]) -> Text:
    if "unreadable" in row:
        return Text(f"? {plain(row['unreadable'])}", style="red")
    line = Text(f"{plain(row.get('seq')):>5} ", style="dim")
    line.append(f"{plain(row.get('at'))[:19]}Z ")
    line.append(f"{plain(row.get('event')):<14} ", style="bold")
    line.append(f"{plain(row.get('run') or '-')} {who(row.get('who'))}", style="dim")
    lock, what = row.get("lock"), row.get("what")
    parts = (
        f"{what.get('method')} {what.get('target')}" if isinstance(what, dict) else None,
        f"lock {lock.get('id')}" if isinstance(lock, dict) else None,
        row.get("result"),
        row.get("text"),
        f"correlation id {row['correlation_id']}" if row.get("correlation_id") else None,
        "a torn line stood here" if row.get("torn") else None,
    )
    for part in filter(None, parts):
        line.append(f" · {short(part)}")
    return line


def who(said: object) -> str:
    """The person of a line: the identity in Azure, and the account on its machine."""
    if not isinstance(said, dict):
        return "-"
    name = next((said[n] for n in ("upn", "oid", "appid") if said.get(n)), "unknown")
    return plain(f"{name} ({said.get('user') or '?'}@{said.get('host') or '?'})")
