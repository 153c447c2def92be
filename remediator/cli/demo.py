"""The guided tour: three failed backups on the local Azure, with the commands of a user."""

import os
import shlex
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from remediator.cli import Exit, call
from remediator.run.verdict import Ending
from remediator.simulator.process import SimulatorProcess

if TYPE_CHECKING:
    from remediator.report.report import Report

SPEED: Final = 120.0
"""One second here is two minutes there, so a backup of three minutes can be watched."""

POLL: Final = 0.25

TOUR: Final = (
    ("web", "a lock on Azure Backup's own group", ()),
    ("api", "the backup extension stuck while being deleted", ()),
    ("files", "a VM in failed provisioning state; its repair may cost downtime", ("downtime",)),
)
"""The VMs that are fixed, with their stories, and the consent that each needs."""

_LEFT: Final = "mail"
"""A VM that is left to try."""


def tour() -> int:
    """Run the tour. Return 0 if every VM of it has recovered."""
    console = Console(highlight=False)
    console.print(Rule(Text("remediate: a tour on a local Azure", style="bold"), style="cyan"))
    kept = Path(tempfile.mkdtemp(prefix="remediate-demo-")).absolute()
    with SimulatorProcess("demo", time="fast", speed=SPEED) as azure, _pointed_at(azure, kept):
        jobs = {vm: azure.failed_jobs(vm)[-1] for vm in (*(vm for vm, _, _ in TOUR), _LEFT)}
        told = (
            f"A dozen VMs, two vaults, no account: everything below talks HTTP to {azure.url}.\n"
            "One second here is two minutes there."
        )
        console.print(Text(told, style="dim"))
        _title(console, "What has failed? A scan of the whole estate, which changes nothing")
        _command(console, "scan")
        _title(console, "What would be done about the first one? A dry run")
        _command(console, jobs[TOUR[0][0]], "--dry-run")
        reports = []
        for vm, story, allowed in TOUR:
            _title(console, f"Fix {vm}: {story}")
            allow = [word for impact in allowed for word in ("--allow", impact)]
            kinds = [word for file in _files(kept, vm) for word in ("-o", str(file))]
            ended = _command(console, jobs[vm], "--yes", *allow, "-o", "text", *kinds)
            if ended == Exit.OK:
                reports.append(kept / f"{vm}.json")
    recovered = _summary(console, kept, reports, jobs[_LEFT])
    return Exit.OK if recovered == {vm for vm, _, _ in TOUR} else Exit.UNFIXED


@contextmanager
def _pointed_at(azure: SimulatorProcess, state: Path) -> Iterator[None]:
    """Point the commands of the tour at the simulator, and keep their runs in a folder.

    What the person has set for real work, in the environment or in `remediate.toml`, does not
    count here: it would send the requests of the tour to another cloud.
    """
    before = dict(os.environ)
    theirs = {name for name in before if name.startswith("REMEDIATE_")} - {"REMEDIATE_LANG"}
    for name in theirs:
        del os.environ[name]
    os.environ |= {
        "AZURE_ACCESS_TOKEN": azure.token,
        "REMEDIATE_ARM_ENDPOINT": azure.url,
        "REMEDIATE_AUTH": "token",
        "REMEDIATE_POLL_INTERVAL": str(POLL),
        "REMEDIATE_STATE": str(state),
    }
    try:
        with chdir(state):
            yield
    finally:
        _restore(before)


def _restore(before: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(before)


def _files(folder: Path, vm: str) -> list[Path]:
    """The files of the report about a VM."""
    return [folder / f"{vm}.{form}" for form in ("json", "md", "html")]


def _title(console: Console, text: str) -> None:
    console.print()
    console.print(Rule(Text(text, style="bold cyan"), align="left", style="cyan"))


def _command(console: Console, *arguments: str) -> int:
    """Show a command, run it, and return its exit code."""
    console.print(Text(f"$ remediate {shlex.join(arguments)}", style="bold"), soft_wrap=True)
    code = call(list(arguments))
    if code == Exit.INTERRUPTED:
        raise KeyboardInterrupt  # the tour ends with the command that Ctrl-C ended
    return code


def _summary(console: Console, kept: Path, reports: list[Path], left: str) -> set[str]:
    """Show the verdicts of the reports, where the reports are, and a job that is left to try."""
    _title(console, "What was proved")
    table = Table.grid(padding=(0, 2))
    found = [_report(path) for path in reports]
    for report in found:
        good = report.verdict.ending is Ending.RECOVERED
        table.add_row(
            Text(report.plan.job.vm_name, style="bold"),
            Text(report.verdict.ending, style="bold green" if good else "bold red"),
            Text(f"from {report.plan.failure.code}", style="dim"),
        )
    console.print(table)
    console.print()
    console.print(Text("The reports, the records and the audit trail", style="bold"))
    for path in sorted(each for each in kept.iterdir() if each.stem in {p.stem for p in reports}):
        console.print(Text(f"  {path}"), soft_wrap=True)
    console.print(Text(f"  {kept / 'runs'}"), soft_wrap=True)
    console.print()
    console.print(Text("Try it yourself", style="bold"))
    console.print(Text("  remediate simulator   (set the variables that it prints)"))
    console.print(Text(f"  remediate --job-id {left.rsplit('/', 1)[-1]}"), soft_wrap=True)
    return {r.plan.job.vm_name for r in found if r.verdict.ending is Ending.RECOVERED}


def _report(path: Path) -> "Report":
    from remediator.report.report import Report

    return Report.model_validate_json(path.read_text("utf-8"))
