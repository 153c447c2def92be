"""How busy the VM's processor was when its backup failed, according to Azure Monitor."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final

from remediator.facts import Cpu, Fact, Known, Readings, Source, Thing, Unknown
from remediator.inspect.vm_id import vm_id_of
from remediator.inspect.wire import items
from remediator.reading import Api, Query, Reader

METRIC: Final = "Percentage CPU"
_BEFORE: Final = timedelta(minutes=15)
_AFTER: Final = timedelta(minutes=45)


async def look(
    reader: Reader, about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[Cpu]:
    """Read the hour around the start of the job in question.

    Without such a job, the hour around the last failed backup; without one, the last hour.
    """
    vm_id = await vm_id_of(about, ask)
    if isinstance(vm_id, Unknown):
        return vm_id
    now = about.subject.now
    job = _began(about) or await _last_failed(ask)
    begin, end = (job - _BEFORE, min(job + _AFTER, now)) if job else (now - timedelta(hours=1), now)
    query = Query(
        api=Api.METRICS,
        path=f"{vm_id}/providers/Microsoft.Insights/metrics",
        params=(
            ("metricnames", METRIC),
            ("timespan", f"{_moment(begin)}/{_moment(end)}"),
            ("interval", "PT5M"),
            ("aggregation", "Average"),
        ),
    )
    answer = await reader.get(query)
    if answer.body is None:
        return Unknown(f"404 on {query}")
    return Known(parse(answer.body, begin, end, job), str(query), answer.at)


def _began(about: Readings) -> datetime | None:
    """When the job in question began. None without a job, or if the job does not tell it."""
    subject = about.subject
    return subject.since if subject.job_id and subject.since < subject.now else None


async def _last_failed(ask: Callable[[Source], Awaitable[Thing[Any]]]) -> datetime | None:
    match await ask(Source.JOBS):
        case Known(value=rows):
            failed = (
                r.start
                for r in rows
                if r.is_backup and r.start and not r.running and not r.succeeded
            )
            return max(failed, default=None)
        case _:
            return None


def _moment(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"


def parse(body: dict[str, Any], begin: datetime, end: datetime, job: datetime | None) -> Cpu:
    """The busiest five minutes of the measured values."""
    measured = [
        float(value)
        for metric in items(body, "value")
        for series in items(metric, "timeseries")
        for point in items(series, "data")
        if isinstance(value := point.get("average"), int | float)
    ]
    return Cpu(highest=max(measured, default=None), begin=begin, end=end, job=job)
