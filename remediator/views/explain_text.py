"""Explanations and playbooks, shown to a person at a terminal."""

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from remediator.job.index import Remedy, Row
from remediator.language import _, listed
from remediator.playbook.explain import By, Explained, Explanation
from remediator.playbook.manual import SYSTEMS
from remediator.views.plain import plain
from remediator.views.rows import show_rows


def show_explanation(console: Console, said: Explanation) -> None:
    """Show each explained code in full. If none was found, show similar codes."""
    if not said.found:
        console.print(Text(_("No known code or message."), style="bold yellow"))
        for code in said.nearest:
            console.print(Text("  " + _("Did you mean {code}?").format(code=plain(code))))
        return
    if len(said.found) > 1 and said.found[0].by is not By.CODE:
        told = _("More than one playbook fits; choose one for a job with --error-code CODE.")
        console.print(Text(told, style="bold yellow"))
    for one in said.found:
        _show(console, one)


def _show(console: Console, one: Explained) -> None:
    row = one.playbook
    console.print(Rule(Text(plain(one.code), style="bold red"), align="left", style="dim"))
    told = [("", _(row.title)), (_("known by"), _BY[one.by]())]
    others = [code for code in row.codes if code != one.code]
    if others:
        told.append((_("also"), ", ".join(others)))
    if row.numbers:
        numbers = (f"{number} {code}" for code, number in row.numbers.items())
        told.append((_("numbers"), ", ".join(numbers)))
    if row.named_here:
        told.append((_("named by this tool"), ", ".join(row.named_here)))
    if row.triage:
        told.append((_("catch-all"), _("if an inner cause is known, that cause counts")))
    if row.origin != "built-in":
        told.append((_("playbook"), row.origin))
    show_rows(console, told)
    _list(console, _("Causes"), map(_, row.causes))
    if row.checks:
        _list(console, _("Also checked"), row.checks)
    console.print(Text(_("What this tool does: the first remedy that fits"), style="bold"))
    for number, remedy in enumerate(row.ladder, 1):
        console.print(Padding(_headline(number, remedy), (0, 0, 0, 2)))
        show_rows(console, _remedy(remedy), 3)
    if not row.ladder:
        console.print(Text("  " + _("nothing: the cause cannot be fixed from outside")))
    console.print(Text(_("What a human must do"), style="bold"))
    show_rows(console, _advice(row))
    _list(console, _("Sources"), row.sources)
    console.print()


def _advice(row: Row) -> Iterator[tuple[str, str]]:
    yield "", _(row.advice)
    for command in row.commands:
        yield _("run"), command
    for part in row.by_system:
        yield "", f"{_(SYSTEMS[part.system])} {_(part.text)}".rstrip()
        for command in part.commands:
            yield _("run"), command


_BY = {
    By.CODE: lambda: _("its code"),
    By.INNER: lambda: _("the error inside the error"),
    By.MENTIONED: lambda: _("a code that the text mentions"),
    By.TEXT: lambda: _("its message"),
}


def _list(console: Console, heading: str, items: Iterable[str]) -> None:
    console.print(Text(heading, style="bold"))
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for item in items:
        table.add_row("  -", Text(plain(item)))
    console.print(table)


def _headline(number: int, remedy: Remedy) -> Text:
    head = Text(f"{number}. ", style="cyan") + Text(plain(_(remedy.title)), style="bold")
    impacts = listed(map(_, remedy.impacts)) or _("changes nothing")
    head.append(f"  {impacts}", style="yellow")
    return head


def _remedy(remedy: Remedy) -> Iterator[tuple[str, str]]:
    if remedy.when:
        told = (f"{fact}: {' | '.join(values)}" for fact, values in remedy.when.items())
        yield _("when"), ", ".join(told)
    if remedy.only_asked:
        yield _("only if"), _("a script of this ladder asks for it")
    yield _("by"), ", ".join(remedy.actions)
    if remedy.opt_ins:
        yield _("only with"), " ".join(f"--allow {impact}" for impact in remedy.opt_ins)
    for n, permission in enumerate(remedy.permissions):
        yield _("needs") if n == 0 else "", permission


def show_playbooks(console: Console, found: Iterable[Row]) -> None:
    """Show one row per playbook."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(_("code"), overflow="fold")
    table.add_column(_("class"), no_wrap=True)
    table.add_column(_("rungs"), justify="right")
    table.add_column(_("impacts"), overflow="fold", style="yellow")
    table.add_column(_("what failed"), overflow="fold")
    for row in found:
        codes = Text(plain(row.name), style="bold")
        codes.append("".join(f"\n{plain(code)}" for code in row.codes[1:]), style="dim")
        if row.origin != "built-in":
            codes.append(f"\n[{plain(row.origin)}]", style="dim")
        impacts = listed(map(_, row.impacts))
        title = Text(plain(_(row.title)))
        table.add_row(codes, row.reach, str(len(row.ladder)), impacts, title)
    console.print(table)
    console.print(Text(_("class: A from outside, B in the guest, C guidance only"), style="dim"))
