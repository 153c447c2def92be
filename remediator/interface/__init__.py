"""The flow for programs: runbooks, functions, notebooks.

`Remediate` is for code with an event loop, `RemediateSync` for code without one. Both do what the
command line does: nothing is applied without consent, and the same guards hold.
"""

from remediator.errors import RemediateError
from remediator.flow.events import Event
from remediator.flow.one import NotApplied
from remediator.flow.scan import Scan, ScanScope
from remediator.flow.several import Planned
from remediator.guards.limits import Limits
from remediator.interface.remediate import Remediate, explain
from remediator.interface.sync import RemediateSync
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
    "explain",
]
