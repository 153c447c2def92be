"""The VM's security type: a Confidential VM needs more than other VMs."""

from typing import Final

from remediator.checks.check import Answer, Area, Check, failed, left_open, not_there, passed
from remediator.facts import Consistency, Known, Readings, Source
from remediator.language import marked


def _security_type(about: Readings) -> Answer:
    """Source: "Back up Confidential VMs using Azure Backup (preview)", 2026-01."""
    match about.vm:
        case Known(value=vm, source=source):
            if (vm.security_type or "").lower() != "confidentialvm":
                return passed("{type}", source, type=vm.security_type or "-")
            return _confidential(about)
        case fact:
            return not_there(fact, "virtual machine")


def _confidential(about: Readings) -> Answer:
    match about.policy:
        case Known(value=policy, source=source) if not policy.enhanced:
            return failed(
                "a Confidential VM, with a standard policy",
                source,
                marked(
                    "Use an enhanced policy. The backup of Confidential VMs is in preview, in few "
                    "regions and sizes, with a customer-managed key for the OS disk."
                ),
            )
        case Known(value=policy, source=source) if policy.consistency is Consistency.CRASH:
            return failed(
                "a Confidential VM, with a policy for crash-consistent points only",
                source,
                marked("Use an enhanced policy that takes application-consistent points."),
            )
        case Known(source=source):
            return passed(
                "a Confidential VM: its backup is in preview, in few regions and sizes, and needs "
                "a customer-managed key for the OS disk",
                source,
            )
        case fact:
            source = about.vm.source if isinstance(about.vm, Known) else ""
            told = getattr(fact, "reason", None) or "-"
            return left_open("a Confidential VM; its policy is not known: {why}", source, why=told)


CHECKS: Final = (
    Check(
        "vm-security",
        Area.VM,
        "Its security type can be backed up",
        frozenset({Source.VM, Source.POLICY}),
        _security_type,
    ),
)
