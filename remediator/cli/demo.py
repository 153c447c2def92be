"""The guided tour: three failed backups on the local Azure, with the commands of a user."""

import asyncio
import os
import shlex
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from remediator.cli import Exit, call
from remediator.job.job import Job, VaultRef
from remediator.playbook.catalogue import read_catalogue
from remediator.run.run import Began, Concluded, Entry
from remediator.run.verdict import Ending
from remediator.simulator.process import SimulatorProcess
from remediator.views.jobs import failed_jobs_table

SPEED: Final = 60.0
"""One second here is one minute there, so a backup of three minutes can be watched."""

POLL: Final = 0.25

TOUR: Final = (
    ("web", "a lock on Azure Backup's own group", ()),
    ("api", "the backup extension stuck while being deleted", ()),
    ("files", "a VM in failed provisioning state; its repair may cost downtime", ("downtime",)),
)


def tour() -> int:
    """Run the tour. Return 0 if every VM of it has recovered."""
    console = Console(highlight=False)
    console.print(Rule(Text("remediate: a tour on a local Azure", style="bold"), style="cyan"))
    with (
        SimulatorProcess("demo", time="fast", speed=SPEED) as azure,
        tempfile.TemporaryDirectory(prefix="remediate-demo-") as folder,
    ):
        os.environ |= {
            "AZURE_ACCESS_TOKEN": azure.token,
            "REMEDIATE_ARM_ENDPOINT": azure.url,
            "REMEDIATE_AUTH": "token",
            "REMEDIATE_POLL_INTERVAL": str(POLL),
            "REMEDIATE_STATE": folder,
        }
        jobs = asyncio.run(_failed_jobs(azure.url, azure.subscriptions[0]))
        console.print(
            "A dozen VMs, two vaults, no account: everything below talks HTTP to "
            f"{azure.url}.\nOne second here is a minute there.\n",
            style="dim",
        )
        _title(console, f"{len(jobs)} backup jobs have failed")
        console.print(failed_jobs_table(jobs, read_catalogue()))
        by_vm = {job.vm_name: job for job in jobs}
        _title(console, "What would be done about the first one? A dry run")
        _command(console, "--job-id", by_vm[TOUR[0][0]].id, "--dry-run")
        for vm, story, allowed in TOUR:
            _title(console, f"Fix {vm}: {story}")
            allow = [word for impact in allowed for word in ("--allow", impact)]
            _command(console, "--job-id", by_vm[vm].id, "--yes", *allow)
        recovered = _summary(console, Path(folder), by_vm["mail"])
    return Exit.OK if recovered == {vm for vm, _, _ in TOUR} else Exit.UNFIXED


async def _failed_jobs(endpoint: str, subscription: str) -> list[Job]:
    from remediator.azure.session import find_cloud, open_session
    from remediator.inspect.failed_jobs import failed_jobs

    async with open_session(find_cloud(None, endpoint, "token"), "token") as session:
        vaults = await session.reader.vaults(subscription)
        found = [
            job
            for vault in vaults
            for job in await failed_jobs(
                session.reader, VaultRef.parse(vault), timedelta(days=1), session.clock.now()
            )
        ]
    return sorted(found, key=lambda job: job.vm_name)


def _title(console: Console, text: str) -> None:
    console.print()
    console.print(Rule(Text(text, style="bold cyan"), align="left", style="cyan"))


def _command(console: Console, *arguments: str) -> None:
    console.print(Text(f"$ remediate {shlex.join(arguments)}", style="bold"), soft_wrap=True)
    call(list(arguments))


def _summary(console: Console, state: Path, left: Job) -> set[str]:
    """Show the verdicts in the runs' records, and a job that is left to try."""
    _title(console, "What was proved")
    table = Table.grid(padding=(0, 2))
    recovered: set[str] = set()
    for record in sorted((state / "runs").glob("*.jsonl")):
        entries = [_entry(line) for line in record.read_text(encoding="utf-8").splitlines()]
        match entries[0], entries[-1]:
            case Began(plan=plan), Concluded(verdict=verdict):
                good = verdict == Ending.RECOVERED
                if good:
                    recovered.add(plan.job.vm_name)
                style = "bold green" if good else "bold red"
                table.add_row(
                    Text(plan.job.vm_name, style="bold"),
                    Text(verdict, style=style),
                    Text(f"from {plan.failure.code}", style="dim"),
                )
            case _:
                pass
    console.print(table)
    console.print()
    console.print(Text("Try it yourself", style="bold"))
    console.print(Text("  remediate simulator   (set the variables that it prints)"))
    console.print(Text(f"  remediate --job-id {left.name}"), soft_wrap=True)
    return recovered


def _entry(line: str) -> Entry:
    from pydantic import TypeAdapter

    adapter: TypeAdapter[Entry] = TypeAdapter(Entry)
    return adapter.validate_json(line)
