"""The result of a scan, for a person: the numbers first, then the VMs, worst first."""

from datetime import datetime
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from remediator.language import _
from remediator.report.estate import Estate, EstateTarget
from remediator.views.batch_text import STYLE
from remediator.views.plain import plain, short

SHOWN: Final = 50
"""How many VMs the short form shows, the worst. A person does not read more of them."""


def show_estate(console: Console, estate: Estate, *, details: bool = False) -> None:
    """Show a scan.

    Args:
        console: where to show it.
        estate: the result of the scan.
        details: whether each VM is shown with its job, its reason and its next command.
    """
    for line in _head(estate):
        console.print(line)
    for left in estate.not_scanned:
        told = _("not scanned: {where}: {why}").format(where=left.where, why=short(left.why))
        console.print(Text(plain(told), style="bold red"), soft_wrap=True)
    if estate.targets:
        console.print()
    if details:
        for target in estate.targets:
            _record(console, target, estate.ended)
    elif estate.targets:
        console.print(_table(estate))
        if (more := len(estate.targets) - SHOWN) > 0:
            told = _("and {count} more: --details shows all, --format json tells all")
            console.print(Text(told.format(count=more), style="dim"), soft_wrap=True)
    for job in estate.running:
        told = _("still running: {operation} job {job} of {vm}").format(
            operation=job.operation, job=job.job.rsplit("/", 1)[-1], vm=job.vm
        )
        console.print(Text(plain(told), style="dim"), soft_wrap=True)
    for gone in estate.gone:
        told = _("gone since the earlier scan: {vm} {code}").format(
            vm=gone.vm, code=gone.code or ""
        )
        console.print(Text(plain(told), style="green"), soft_wrap=True)


def _head(estate: Estate) -> list[Text]:
    head = estate.head
    told = _(
        "{failed} failed: {fixable} can be fixed, {consent} need consent, {human} need a human, "
        "{refused} left alone by a limit, {unread} could not be read; {recovered} recovered"
    ).format(
        failed=head.failed,
        fixable=head.fixable,
        consent=head.needs_consent,
        human=head.needs_human,
        refused=head.refused,
        unread=head.not_read,
        recovered=head.recovered,
    )
    where = _(
        "{subscriptions} subscriptions, {vaults} vaults, {protected} protected VMs; {late} VMs "
        "without a failed job are late or not protected; {unscanned} places not scanned"
    ).format(
        subscriptions=len(estate.subscriptions),
        vaults=estate.vaults,
        protected=estate.protected,
        late=head.late_without_job,
        unscanned=head.not_scanned,
    )
    bad = head.failed or head.not_scanned
    lines = [Text(told, style="bold red" if bad else "bold green"), Text(where, style="dim")]
    if estate.interrupted:
        lines.append(Text(_("interrupted: this is what was known by then"), style="bold yellow"))
    return lines


def _table(estate: Estate) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(_("standing"), no_wrap=True)
    table.add_column("VM", no_wrap=True)
    table.add_column(_("last good point"), no_wrap=True)
    table.add_column(_("code and remedy"), overflow="fold")
    for target in estate.targets[:SHOWN]:
        told = " · ".join(
            part
            for part in (
                target.code,
                _(target.remedy) if target.remedy else None,
                _lacking(target) or (None if target.remedy else short(target.text)),
            )
            if part
        )
        new = " " + _("new") if target.compared == "new" else ""
        table.add_row(
            Text(_(target.standing) + new, style=STYLE[target.standing]),
            Text(plain(target.vm), style="bold"),
            Text(_age(target.last_good, estate.ended)),
            Text(plain(told)),
        )
    return table


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


def _lacking(target: EstateTarget) -> str | None:
    return " ".join(target.opt_ins) or None


def _age(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return _("none known")
    hours = int((now - moment).total_seconds() // 3600)
    if hours < 48:
        return _("{hours} hours ago").format(hours=hours)
    return _("{days} days ago").format(days=hours // 24)
