"""The result of a scan, for a person: the numbers first, then the VMs, worst first."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from remediator.language import _, _n, counted, followed, listed
from remediator.report.decisions import decisions_of
from remediator.report.details import Details
from remediator.report.estate import Estate, EstateTarget
from remediator.report.summary import Summary, of_estate
from remediator.views.batch_text import STYLE
from remediator.views.decisions_text import show_decisions
from remediator.views.details_text import show_details
from remediator.views.headline import headline
from remediator.views.plain import brief, plain, short

SHOWN: Final = 50
"""How many VMs the short form shows, the worst. A person does not read more of them."""


def show_estate(
    console: Console,
    estate: Estate,
    details: Mapping[str, Details] | None = None,
    *,
    again: bool = False,
) -> None:
    """Show a scan.

    Args:
        console: where to show it.
        estate: the result of the scan.
        details: the details of the VMs' plans, by the plan's id. With them, each VM is also shown
            with its job, its reason and its next command. None: the short form.
        again: whether a saved scan is shown again. Then the same command fixes nothing.
    """
    summary = of_estate(estate)
    for line in _head(estate, summary):
        console.print(line, soft_wrap=True)
    for left in estate.not_scanned:
        told = _("not scanned: {where}: {why}").format(where=left.where, why=short(left.why))
        console.print(Text(plain(told), style="bold red"), soft_wrap=True)
    show_decisions(console, decisions_of(summary))
    if estate.targets:
        console.print()
    if details is not None:
        for target in estate.targets:
            _record(console, target, estate.ended)
            if more_of_it := details.get(target.plan_id or ""):
                show_details(console, more_of_it)
    elif estate.targets:
        _short(console, estate.targets[:SHOWN], estate.ended)
        if (more := len(estate.targets) - SHOWN) > 0:
            told = _("and {count} more: --details shows all, --format json tells all")
            console.print(Text(told.format(count=more), style="dim"), soft_wrap=True)
    if estate.targets and details is None:
        told = _("the same command with --details shows each job and its next command")
        if estate.head.fixable and not again:
            told = followed(told, _("with --apply it fixes what can be fixed"))
        console.print()
        console.print(Text(told, style="dim"), soft_wrap=True)
    for line in _beside(estate):
        console.print(line, soft_wrap=True)


def _beside(estate: Estate) -> Iterator[Text]:
    """What is running, and what is gone since the earlier scan."""
    for job in estate.running:
        told = _("still running: {operation} job {job} of {vm}").format(
            operation=job.operation, job=job.job.rsplit("/", 1)[-1], vm=job.vm
        )
        yield Text(plain(told), style="dim")
    for gone in estate.gone:
        told = _("gone since the earlier scan: {vm} {code}").format(
            vm=gone.vm, code=gone.code or ""
        )
        yield Text(plain(told), style="green")


def _head(estate: Estate, summary: Summary) -> list[Text]:
    head = estate.head
    where = listed(
        _n(*forms, count).format(count=count)
        for forms, count in (
            (counted("{count} subscription", "{count} subscriptions"), len(estate.subscriptions)),
            (counted("{count} vault", "{count} vaults"), estate.vaults),
            (counted("{count} protected VM", "{count} protected VMs"), estate.protected),
        )
    )
    bad = head.failed or head.not_scanned
    lines = [
        Text(headline(summary.counts), style="bold red" if bad else "bold green"),
        Text(where, style="dim"),
    ]
    if estate.interrupted:
        lines.append(Text(_("interrupted: this is what was known by then"), style="bold yellow"))
    return lines


def _short(console: Console, targets: Sequence[EstateTarget], now: datetime) -> None:
    """Two lines for each VM. Nothing that may be copied is cut or broken."""
    rows = [
        (
            _(target.standing) + (" " + _("new") if target.compared == "new" else ""),
            plain(target.vm),
            _age(target.last_good, now),
        )
        for target in targets
    ]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for target, row in zip(targets, rows, strict=True):
        standing, vm, age = (
            cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)
        )
        line = Text.assemble(
            (standing, STYLE[target.standing]),
            "  ",
            (vm, "bold"),
            "  ",
            age,
            "  ",
            plain(target.code or ""),
        )
        console.print(line, soft_wrap=True)
        told = _(target.remedy) if target.remedy else brief(target.text)
        flags = "".join(f"  {plain(flag)}" for flag in target.opt_ins)
        below = Text.assemble(" " * (widths[0] + 2), (plain(told), "dim"), flags)
        console.print(below, soft_wrap=True)


def _record(console: Console, target: EstateTarget, now: datetime) -> None:
    console.print(
        Text(plain(target.vm), style="bold")
        + Text(f"  {_(target.standing)}", style=STYLE[target.standing])
        + Text(f"  {plain(target.code or '')}"),
        soft_wrap=True,
    )
    late = ""
    if target.overdue_hours is not None and target.overdue_hours > 0:
        late = " " + _("({hours:.0f} hours overdue)").format(hours=target.overdue_hours)
    lines = (
        _("last good point") + f": {_age(target.last_good, now)}{late}",
        _(target.remedy) if target.remedy else "",
        short(target.text),
        target.job or "",
        target.next or "",
    )
    for line in filter(None, lines):
        console.print(Text(f"  {plain(line)}"), soft_wrap=True)


def _age(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return _("none known")
    hours = int((now - moment).total_seconds() // 3600)
    if hours < 48:
        return _("{hours} hours ago").format(hours=hours)
    return _("{days} days ago").format(days=hours // 24)
