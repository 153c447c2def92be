"""Remediate failed Azure VM backups: diagnose, plan, apply, verify, report.

From Python:

    async with Remediate(auth="cli") as remediate:
        plan = await remediate.plan(job_id)
        report = await remediate.apply(plan, approve=True)

Each name below is loaded at its first use, so `import remediator` alone costs nothing.
"""

from typing import TYPE_CHECKING, Any

from remediator.version import __version__

if TYPE_CHECKING:
    from remediator.errors import RemediateError
    from remediator.flow.events import Event
    from remediator.flow.one import NotApplied
    from remediator.flow.scan import Scan, ScanScope
    from remediator.flow.several import Planned
    from remediator.guards.limits import Limits
    from remediator.interface import Remediate, RemediateSync, explain
    from remediator.plan.checkup import Checkup
    from remediator.plan.plan import Plan
    from remediator.report.batch import Batch
    from remediator.report.estate import Estate
    from remediator.report.report import Report

__all__ = [
    "Batch",
    "Checkup",
    "Estate",
    "Event",
    "Limits",
    "NotApplied",
    "Plan",
    "Planned",
    "Remediate",
    "RemediateError",
    "RemediateSync",
    "Report",
    "Scan",
    "ScanScope",
    "__version__",
    "explain",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from remediator import interface

    return getattr(interface, name)
