"""Histories to make pages of: many VMs, and VMs with hostile names."""

from datetime import date, timedelta
from typing import Any

from remediator.language import speak
from remediator.report.history import (
    Head,
    History,
    Incident,
    IncidentState,
    LeftAlone,
    Part,
    RecoveryTimes,
    Recurring,
    RemedySuccess,
    Selection,
    Sources,
)
from remediator.views.history_html import history_html
from tests.views.html.estates import HOSTILE, NOW

_BECAME = {
    "settled": 0,
    "recovered_meanwhile": 0,
    "failed_otherwise": 0,
    "needs_human": 0,
    "uncertain": 0,
    "stale": 0,
}


def recurring(name: str, number: int = 0, **more: Any) -> Recurring:
    """The failures of one VM with one code."""
    subscription = f"{number % 7:08}-1111-2222-3333-444444444444"
    group = f"/subscriptions/{subscription}/resourceGroups/rg-{number % 11}/providers"
    told: dict[str, Any] = {
        "vm": name,
        "vm_id": f"{group}/Microsoft.Compute/virtualMachines/{name}",
        "vault": f"{group}/Microsoft.RecoveryServices/vaults/vault-{number % 9}",
        "subscription": subscription,
        "code": f"UserErrorOfKind{number % 13}",
        "failures": 1 + number % 4,
        "first": NOW - timedelta(days=20),
        "last": NOW - timedelta(hours=number % 100),
        "incidents": 1,
        "recovered": number % 2,
        "open": number % 2 == 0,
        "median": 3600.0 * number if number % 2 else None,
    }
    return Recurring(**(told | more))


def incident(row: Recurring) -> Incident:
    """The only incident of a row."""
    return Incident(
        vm=row.vm,
        vm_id=row.vm_id,
        vault=row.vault,
        subscription=row.subscription,
        codes=(row.code,) if row.code else (),
        failures=row.failures,
        first_failure=row.first,
        last_failure=row.last,
        state=IncidentState.OPEN if row.open else IncidentState.RECOVERED,
        recovered_at=None if row.open else NOW,
        seconds=row.median,
        measured_by=None if row.median is None else "scan",
        run_id=None,
    )


def remedy(title: str, number: int = 0, **more: Any) -> RemedySuccess:
    """What became of the runs of one remedy."""
    counts = {"runs": 3 + number, "applied": 3, "recovered": number, "failed_again": 3}
    told = {"playbook": f"Playbook{number % 3}", "rung": f"rung-{number}", "title": title}
    return RemedySuccess(**(_BECAME | counts | told | more))


def history(*rows: Recurring, **more: Any) -> History:
    """A history of some failures."""
    found = tuple(map(incident, rows))
    known = [each.seconds for each in found if each.seconds is not None]
    told: dict[str, Any] = {
        "since": NOW - timedelta(days=30),
        "until": NOW,
        "selection": Selection(),
        "sources": Sources(runs=4, records=0, scans=2),
        "head": Head(
            failures=sum(row.failures for row in rows),
            vms=len({row.vm for row in rows}),
            incidents=len(found),
            recovered=sum(row.recovered for row in rows),
            settled=0,
            open=sum(row.open for row in rows),
        ),
        "times": RecoveryTimes(
            measured=len(known),
            by_run=0,
            by_record=0,
            by_scan=len(known),
            unmeasured=0,
            mean=sum(known) / len(known) if known else None,
            median=sorted(known)[len(known) // 2] if known else None,
            longest=max(known, default=None),
        ),
        "recurring": rows,
        "incidents": found,
        "playbooks": (),
        "remedies": tuple(remedy(f"Remedy {number}", number) for number in range(5)),
        "left_alone": (LeftAlone(guard="max-targets", vms=2, times=7, last=NOW),),
        "by": "day",
        "trend": tuple(
            Part(start=date(2026, 1, 1) + timedelta(days=n), failures=n, vms=n, recovered=1, runs=1)
            for n in range(30)
        ),
    }
    return History(**(told | more))


def large(count: int) -> str:
    """The page of so many VMs."""
    return history_html(
        history(*(recurring(f"vm-of-a-rather-long-name-{n:05}", n) for n in range(count)))
    )


def varied(language: str = "en") -> str:
    """A page with open and recovered VMs, and one code that is not known."""
    speak(language)
    try:
        rows = (
            recurring(f"vm-{n:02}", n, code=None if n == 7 else f"Code{n % 5}") for n in range(60)
        )
        return history_html(history(*rows))
    finally:
        speak("en")


def hostile() -> str:
    """A page whose every text is hostile."""
    rows = (
        recurring(text, n, vm_id=text, vault=text, subscription=text, code=text, failures=3)
        for n, text in enumerate(HOSTILE)
    )
    return history_html(
        history(
            *rows,
            remedies=tuple(
                remedy(text, n, playbook=text, rung=text) for n, text in enumerate(HOSTILE)
            ),
            left_alone=tuple(LeftAlone(guard=text, vms=1, times=1, last=NOW) for text in HOSTILE),
            selection=Selection(vms=HOSTILE),
            unread=HOSTILE,
        )
    )
