"""The timeline of a run: its entries one by one, and a bar for each step and each job."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from remediator.change.step import Change
from remediator.job.job import has_ended
from remediator.language import _, followed, listed
from remediator.language.translation import translated
from remediator.plan.plan import Plan
from remediator.run.run import (
    Began,
    Concluded,
    Ended,
    Entry,
    Intent,
    Interrupted,
    JobFollowed,
    LeaseReturned,
    LeaseTaken,
    Refused,
    Sent,
)
from remediator.views.html.embedded import Packed
from remediator.views.html.kinds import RESULT_TONE
from remediator.views.html.page import Tone
from remediator.views.html.shown import clean
from remediator.views.plain import short


@dataclass(slots=True)
class _Bar:
    """What lasted from one entry to another."""

    label: str
    begins: datetime
    ends: datetime
    tone: Tone


def timeline(
    plan: Plan, entries: tuple[Entry, ...], pack: Callable[[object], Packed]
) -> dict[str, Any]:
    """The section of a story with the timeline. Empty if the record tells nothing."""
    if not entries:
        return {}
    first = _when(entries[0])
    bars = _bars(plan, entries)
    return {
        "title": pack(_("Timeline")),
        "events": [
            [
                pack(f"{_when(entry):%H:%M:%S}"),
                pack(_after(_when(entry), first)),
                pack(_event(plan, entry)),
            ]
            for entry in entries
        ],
        "spans": [
            [
                clean(bar.label),
                round((bar.begins - first).total_seconds(), 2),
                round((bar.ends - first).total_seconds(), 2),
                bar.tone,
            ]
            for bar in bars
        ],
    }


def _when(entry: Entry) -> datetime:
    return entry.outcome.ended if isinstance(entry, Ended) else entry.at


def _after(at: datetime, first: datetime) -> str:
    """The time since the start, to a tenth of a second. Another machine's clock may be behind."""
    tenths = round((at - first).total_seconds() * 10)
    minutes, rest = divmod(abs(tenths), 600)
    hours, minutes = divmod(minutes, 60)
    return f"{'-' if tenths < 0 else '+'}{hours}:{minutes:02}:{rest / 10:04.1f}"


def _bars(plan: Plan, entries: tuple[Entry, ...]) -> list[_Bar]:
    """A bar for each step that was begun, and for each job that was followed."""
    bars: dict[int | str, _Bar] = {}
    last = _when(entries[-1])
    for entry in entries:
        match entry:
            case Intent(step=step):
                bars.setdefault(step, _Bar(_step(plan, step), entry.at, last, "act"))
            case Ended(outcome=outcome) if bar := bars.get(outcome.step):
                bar.ends, bar.tone = outcome.ended, RESULT_TONE[outcome.result]
            case JobFollowed():
                name = entry.job_id.rsplit("/", 1)[-1]
                told = _("job {name}").format(name=name)
                bar = bars.setdefault(entry.job_id, _Bar(told, entry.at, last, "act"))
                bar.ends, bar.tone = entry.at, _job_tone(entry.status)
            case _:
                pass
    return list(bars.values())


def _job_tone(status: str) -> Tone:
    """The colour of a job. A job of a new status counts as running."""
    if status.lower() == "completed":
        return "good"
    return "bad" if has_ended(status) else "act"


def _step(plan: Plan, number: int) -> str:
    step = plan.steps[number - 1] if number <= len(plan.steps) else None
    told = short(step.what) if isinstance(step, Change) else step.action if step else ""
    return f"{number}. {told}"


def _event(plan: Plan, entry: Entry) -> str:
    match entry:
        case Began():
            return _("run {id} began").format(id=entry.run_id)
        case Intent():
            return _("about to send: {step}").format(step=_step(plan, entry.step))
        case Sent(note=note) if note:
            return f"{_step(plan, entry.step)}: {translated(note)}"
        case Sent():
            told = _("Azure accepted: {step}").format(step=_step(plan, entry.step))
            return f"{told} ({entry.correlation_id})" if entry.correlation_id else told
        case Ended():
            return f"{entry.outcome.step}. {translated(entry.outcome.text)}"
        case LeaseTaken():
            return _("wrote down lock {name} before taking it off").format(name=entry.lock.name)
        case LeaseReturned():
            return _("put back lock {id}").format(id=entry.lock_id)
        case JobFollowed():
            told = _("job {name}").format(name=entry.job_id.rsplit("/", 1)[-1])
            return followed(f"{told}: {_(entry.status)}", listed(entry.tasks))
        case Interrupted():
            return _("asked to stop")
        case Refused():
            return _("refused: {why}").format(why=translated(entry.text))
        case Concluded():
            return _("verdict: {verdict}: {text}").format(
                verdict=_(entry.verdict.upper()), text=translated(entry.text)
            )
