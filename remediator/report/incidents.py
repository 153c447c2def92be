"""From failures and recoveries of a VM to its incidents."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from remediator import ids
from remediator.report.history import Incident, IncidentState, MeasuredBy, Recurring


@dataclass(frozen=True, slots=True)
class Place:
    """A VM, and where it is."""

    vm: str
    vm_id: str | None
    vault: str
    subscription: str


def which(one: Place | Incident | Recurring) -> str:
    """Which VM this is: its ARM id. If that is not known: its vault and its name."""
    return ids.normal(one.vm_id or f"{one.vault}/{one.vm}")


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed job."""

    code: str | None
    at: datetime
    """When the job began. If that is not known: when the job was seen."""
    known: bool
    """Whether the beginning is known."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """A sign that a VM's backups work again."""

    after: datetime
    """It lies after all failures until this moment."""
    at: datetime
    """When it was. If `by` is None: when it was seen."""
    by: MeasuredBy | None
    """What told the moment. None if the moment is not known."""
    run_id: str | None = None
    settled: bool = False
    """Whether no backup was due."""


_TRUST: Final[dict[MeasuredBy | None, int]] = {"run": 0, "record": 1}
"""The signs that count before all others, whatever their moments are."""


def incidents(
    place: Place, failures: Sequence[Failure], recoveries: Sequence[Recovery]
) -> Iterator[Incident]:
    """The incidents of a VM, the oldest first.

    An incident is open until a recovery. Several signs may tell of the same recovery: the job that
    a run followed counts first, then what is earliest.
    """
    events: list[tuple[datetime, int, Failure | Recovery]] = [
        *((each.at, 0, each) for each in failures),
        *((each.after, 1, each) for each in recoveries),
    ]
    failed: list[Failure] = []
    signs: list[Recovery] = []
    for _at, _order, event in sorted(events, key=lambda each: each[:2]):
        if isinstance(event, Recovery):
            if failed:
                signs.append(event)
            continue
        if signs:
            yield _incident(place, failed, signs)
            failed, signs = [], []
        failed.append(event)
    if failed:
        yield _incident(place, failed, signs)


def _incident(place: Place, failed: Sequence[Failure], signs: Iterable[Recovery]) -> Incident:
    end = min(signs, key=lambda sign: (_TRUST.get(sign.by, 2), sign.at), default=None)
    first = failed[0]
    seconds = None
    if end is not None and end.by is not None and first.known and not end.settled:
        seconds = max(0.0, (end.at - first.at).total_seconds())
    state = IncidentState.OPEN
    if end is not None:
        state = IncidentState.SETTLED if end.settled else IncidentState.RECOVERED
    return Incident(
        vm=place.vm,
        vm_id=place.vm_id,
        vault=place.vault,
        subscription=place.subscription,
        codes=tuple(dict.fromkeys(each.code for each in failed if each.code)),
        failures=len(failed),
        first_failure=first.at,
        last_failure=failed[-1].at,
        state=state,
        recovered_at=end.at if end else None,
        seconds=seconds,
        measured_by=end.by if end and seconds is not None else None,
        run_id=end.run_id if end else None,
    )
