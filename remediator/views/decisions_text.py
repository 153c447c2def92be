"""What must be decided, shown to a person at a terminal: consents first, then work for a person."""

from rich.console import Console
from rich.text import Text

from remediator.language import _, _n
from remediator.report.decisions import Decisions
from remediator.views.plain import brief, plain


def show_decisions(console: Console, decisions: Decisions) -> None:
    """Show each missing consent and each reason for a person. Show nothing if there is none."""
    if not decisions.consents and not decisions.work:
        return
    console.print()
    console.print(Text(_("To decide"), style="bold"))
    for missing in decisions.consents:
        told = Text.assemble((plain(missing.flags), "bold yellow"), f"  {vms(missing.vms)}")
        _item(console, told, missing.command)
    for work in decisions.work:
        told = Text.assemble((vms(work.vms), "bold magenta"), f"  {plain(work.code or '')}")
        told.append(f"  {brief(work.why)}")
        _item(console, told, work.next)


def vms(count: int) -> str:
    """How many VMs, in words."""
    return _n("{count} VM", "{count} VMs", count).format(count=count)


def _item(console: Console, told: Text, then: str) -> None:
    """One decision, and what to do about it on a line of its own. No line is cut or broken."""
    console.print(Text("  ") + told, soft_wrap=True)
    if then:
        console.print(Text(f"    {plain(then)}"), soft_wrap=True)
