"""What a guest script told before and after its work, one thing per row."""

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from remediator.change.guest import GuestAnswer
from remediator.language import _
from remediator.views.plain import plain


def guest_rows(answer: GuestAnswer) -> Table:
    """One row for each thing: its value before, and its value now if that has changed."""
    table = Table.grid(padding=(0, 1))
    # The names come from the guest too. A long name folds and leaves room for the value.
    table.add_column(style="dim", max_width=30, overflow="fold")
    table.add_column(overflow="fold")
    for name, told in guest_told(answer):
        table.add_row(Text(plain(name)), Text(plain(told)))
    return table


def guest_told(answer: GuestAnswer) -> Iterator[tuple[str, str]]:
    """Each thing and its value. A value that has changed has both."""
    before, after = dict(_flat("", answer.before)), dict(_flat("", answer.after))
    for name in {**before, **after}:
        yield name, _then(name, before, after)


def _then(name: str, before: dict[str, str], after: dict[str, str]) -> str:
    if name not in after:
        return _("was {before}").format(before=before[name])
    was, now = before.get(name, after[name]), after[name]
    return now if was == now else f"{was} → {now}"


def _flat(name: str, told: object) -> Iterator[tuple[str, str]]:
    """Every single value with the path to it. An unknown value is told as unknown."""
    match told:
        case dict() if told or not name:
            for key, value in told.items():
                yield from _flat(f"{name}.{key}" if name else str(key), value)
        case list() if any(isinstance(each, dict) for each in told):
            for number, each in enumerate(told, 1):
                yield from _flat(f"{name}.{number}", each)
        case list() | dict():
            yield name, ", ".join(map(_word, told)) or _("none")
        case _:
            yield name, _word(told)


def _word(told: object) -> str:
    match told:
        case None:
            return _("unknown")
        case bool():
            return _("yes") if told else _("no")
        case str() if not told.strip():
            return _("empty")
        case _:
            return str(told)
