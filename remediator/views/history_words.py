"""What a history says in words, in each form for people."""

from datetime import timedelta

from remediator.language import _, _n, counted, followed, listed
from remediator.moments import shown
from remediator.report.history import History, Recurring
from remediator.views.decisions_text import vms


def verdict(history: History) -> str:
    """How things stand: failures, VMs, recovered incidents, the median time to recovery.

    If nothing is recorded, this says so.
    """
    head, times = history.head, history.times
    if history.sources.empty:
        return _("nothing recorded yet in the last {period}").format(period=period(history))
    if not (head.failures or head.incidents):
        return _("no failures in {period}").format(period=period(history))
    told = _("{failures} of {vms} in {period}").format(
        failures=failures(head.failures), vms=vms(head.vms), period=period(history)
    )
    recovered = _("{recovered} of {incidents} recovered").format(
        recovered=head.recovered, incidents=incidents(head.incidents)
    )
    if times.median is not None:
        median = _("median {time}").format(time=duration(times.median))
        recovered = listed((recovered, median))
    return followed(told, recovered)


def read_of(history: History) -> str:
    """How many runs and scans were read."""
    read = history.sources
    parts = (
        (read.runs, counted("{count} run", "{count} runs")),
        (read.records, counted("{count} run by its record", "{count} runs by their records")),
        (read.scans, counted("{count} scan", "{count} scans")),
    )
    return listed(_n(*texts, count).format(count=count) for count, texts in parts if count)


def sources(history: History) -> str:
    """What was read, and of which days."""
    since, until = f"{history.since:%Y-%m-%d}", f"{history.until:%Y-%m-%d}"
    line = _("from {sources}; {since} to {until}").format(
        sources=read_of(history), since=since, until=until
    )
    if history.selection.narrow:
        line = followed(line, _("narrowed by options"))
    return line


def recovered_of(row: Recurring) -> str:
    """How many of its incidents a row recovered from."""
    return _("{recovered} of {incidents} recovered").format(
        recovered=row.recovered, incidents=incidents(row.incidents)
    )


def when(row: Recurring) -> str:
    """When the jobs of a row failed: the first and the last one."""
    if row.failures == 1:
        return shown(row.last)
    return _("{first} to {last}").format(first=shown(row.first), last=shown(row.last))


def incidents(count: int) -> str:
    """How many incidents, in words."""
    return _n("{count} incident", "{count} incidents", count).format(count=count)


def failures(count: int) -> str:
    """How many failures, in words."""
    return _n("{count} failure", "{count} failures", count).format(count=count)


def period(history: History) -> str:
    """How long the period is."""
    hours = round((history.until - history.since) / timedelta(hours=1))
    if hours >= 48 and hours % 24 == 0:
        return _("{count} days").format(count=hours // 24)
    return duration((history.until - history.since).total_seconds())


def duration(seconds: float) -> str:
    """A time for a person: seconds, minutes, hours with minutes, or days with hours."""
    if seconds < 60:
        return _("{count} s").format(count=round(seconds))
    minutes = round(seconds / 60)
    if minutes < 60:
        return _("{count} min").format(count=minutes)
    if minutes < 48 * 60:
        return _("{hours} h {minutes} min").format(hours=minutes // 60, minutes=minutes % 60)
    hours = round(minutes / 60)
    return _("{days} d {hours} h").format(days=hours // 24, hours=hours % 24)
