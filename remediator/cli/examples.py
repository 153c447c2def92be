"""The ends of the pages of `--help`: examples that can be copied, and the exit codes."""

from collections.abc import Iterable
from typing import Final

from remediator.cli.lists import HISTORY as HISTORY_COLUMNS

EXIT_CODES: Final = """
Exit codes:
  0 did as asked   1 error   2 changes are pending (--detailed-exitcode)
  3 not fixed, not readable, or in need of a human   4 refused by a guard
  5 a lock is off that should be on   64 usage   130 interrupted"""


def columns(names: Iterable[str]) -> str:
    """The columns of a list, for its page."""
    return f"-o tsv prints a line for each record. Its columns:\n  {', '.join(names)}"


START: Final = f"""
`remediate ID` and `remediate --job-id ID` are `remediate run --job-id ID`.

Where do I get a job id?
  remediate scan                     finds every failed backup that you may see
  az backup job list --resource-group G --vault-name V --status Failed

Without Azure:
  remediate demo
  remediate explain UserErrorGuestAgentStatusUnavailable
{EXIT_CODES}"""

RUN: Final = f"""
Examples:
  remediate ID                       show the plan, ask, fix, prove
  remediate ID --dry-run             only show the plan
  remediate ID --yes --allow guest   fix without asking
  remediate run @jobs.txt --dry-run  each line of a file
{EXIT_CODES}"""

SCAN: Final = f"""
Examples:
  remediate scan                                  a dry run of everything
  remediate scan --since 7d --vault vault-main --details
  remediate scan --out-plans plans                save the plans for approval
  remediate apply plans/*.json --yes              apply exactly these plans
  remediate scan --apply --max-targets 10         ask, then fix at most ten VMs
{EXIT_CODES}"""

PLAN: Final = f"""
Examples:
  remediate plan --job-id ID --out plan.json
  remediate show plan.json
  remediate apply plan.json
{EXIT_CODES}"""

APPLY: Final = f"""
Examples:
  remediate apply plan.json
  remediate apply plans/*.json --yes --parallelism 8 --max-errors 2
{EXIT_CODES}"""

HISTORY: Final = f"""
Examples:
  remediate history                             the last 30 days
  remediate history --since 90d --by week
  remediate history --vm web --code UserErrorGuestAgentStatusUnavailable
  remediate history -o history.html -o history.csv

It reads the runs of --state, their records, and the scans that `remediate scan`
keeps there. Each failed job counts once. An incident is a VM's failures up to
the backup that succeeded. The time to recovery goes from the start of its first
known failed job to the end of the backup job that proved the recovery. If only
a run's record is left, it goes to the moment when the run saw that end. If only
a scan saw the recovery, it goes to the newest recovery point that the scan saw,
so it is the longest possible time. An incident whose end nothing tells is open.

{columns(HISTORY_COLUMNS)}
-o csv has the same columns, with a header.

Exit codes:
  0 told, also if nothing is recorded   1 something could not be read; the rest
  is told   64 usage"""

REPORT: Final = """
Examples:
  remediate report run-20260102-221500-a1b2c3 -o md
  remediate report plan.json
  remediate report scan.json -o junit.xml -o report.csv

The content says what a file is, not its name. A file may be packed with gzip,
such as those in scans/ of the state folder.

Exit codes:
  0 shown, however it stands there with the VMs   1 error   64 usage"""
