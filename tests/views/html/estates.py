"""Summaries to make pages of: many VMs, and VMs with hostile names."""

from datetime import UTC, datetime, timedelta
from typing import Final

from remediator.report.batch import Standing
from remediator.report.details import Alteration, Details
from remediator.report.summary import Row, Summary
from remediator.views.summary_html import summary_html

NOW: Final = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

HOSTILE: Final = (
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "<img src=x onerror=alert(1)>",
    "\"' onfocus=alert(1) autofocus='",
    "]]>--></style></title></textarea>",
    "{{7*7}} {% raw %} ${x} {0}",
    "&lt;b&gt; &amp;",
    "javascript:alert(1)",
    "\u202egnp.txt\u2066\u200b",
    "tab\there\nand\x1b[2J\x00\u2028\u2029\ufffe\ud800",
    "__proto__",
)

_CYCLE: Final = (
    Standing.CONSENT,
    Standing.HUMAN,
    Standing.PENDING,
    Standing.NOT_FIXED,
    Standing.NOTHING_TO_DO,
    Standing.NOT_CHECKED,
    Standing.REFUSED,
)


_LONG: Final = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/rg/providers/x/y"

_DETAILS: Final = Details(
    tuple(f"fact {n}: seen: it is so (GET {_LONG}/{n})" for n in range(6)),
    tuple(
        Alteration(f"change {n} of {_LONG}", _LONG, {"a": _LONG}, {"a": None}, f"az undo {_LONG}")
        for n in range(4)
    ),
)
"""Longer than those of most plans."""


def row(name: str, number: int = 0, **more: object) -> Row:
    """A VM as a scan tells it."""
    subscription = f"{number % 7:08}-1111-2222-3333-444444444444"
    group = f"/subscriptions/{subscription}/resourceGroups/rg-{number % 11}/providers"
    vault = f"{group}/Microsoft.RecoveryServices/vaults/vault-{number % 9}"
    job = f"{vault}/backupJobs/{number:08}-aaaa-bbbb-cccc-dddddddddddd"
    hours = 5 + number % 900
    told: dict[str, object] = {
        "vm": name,
        "standing": _CYCLE[number % len(_CYCLE)],
        "why": f"read from {group}/Microsoft.Compute/virtualMachines/{name}: it did not answer",
        "vm_id": f"{group}/Microsoft.Compute/virtualMachines/{name}",
        "subscription": subscription,
        "group": f"rg-{number % 11}",
        "vault": vault,
        "job": job,
        "failed_at": NOW - timedelta(hours=number % 20),
        "code": f"UserErrorOfKind{number % 13}",
        "remedy": "Back up again" if number % 3 else None,
        "impacts": ("reversible", "downtime")[: number % 3],
        "opt_ins": ("--allow downtime",),
        "details": _DETAILS,
        "next": (f"remediate --job-id {job} --allow downtime",),
        "last_good": NOW - timedelta(hours=hours),
        "overdue_hours": float(hours - 24),
    }
    return Row(**(told | more))  # type: ignore[arg-type]


def page_of(*rows: Row) -> str:
    """The page of some rows."""
    return summary_html(Summary(NOW - timedelta(minutes=3), NOW, rows), {})


def large(count: int) -> str:
    """The page of so many VMs. Their ids are as long as ids are."""
    return page_of(*(row(f"vm-of-a-rather-long-name-{n:05}", n) for n in range(count)))


def hostile() -> str:
    """A page whose every text is hostile."""
    return page_of(
        *(
            row(
                text,
                number,
                why=text,
                vm_id=text,
                subscription=text,
                group=text,
                vault=text,
                job=text,
                code=text,
                remedy=text,
                impacts=(text,),
                next=(text,),
                run_id=text,
                correlation_ids=(text,),
            )
            for number, text in enumerate(HOSTILE)
        )
    )
