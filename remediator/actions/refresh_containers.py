"""Let the vault search for VMs again."""

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Final, Literal

from remediator.actions import Action
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.facts import Absent, Facts, Known, Source, Unknown
from remediator.moments import shown

REST: Final = timedelta(minutes=15)
"""The wait after a failed or a running discovery ("Back up an Azure VM": retry after 15 minutes).
No read shows whether a discovery is running. Azure refuses two at a time."""


class RefreshContainers(Action):
    """Start a discovery in the vault, and look until it lists the VM as protectable or protected.

    No discovery is started within 15 minutes of the failed job, because another one may be running.
    """

    needs: ClassVar = frozenset({Source.ITEM, Source.VM, Source.PROTECTABLE})
    changes: ClassVar = frozenset({"discovered"})
    action: Literal["refresh-containers"] = "refresh-containers"

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One change, or the reason for no change."""
        vault = facts.job.vault.id
        match facts.item, facts.protectable, facts.vm:
            case Known(source=source), _, _:
                yield self.unchanged(vault, f"the vault knows the VM: it is protected ({source})")
            case _, Known(source=source), _:
                yield self.unchanged(vault, f"the vault knows the VM: protectable ({source})")
            case (
                (Unknown(reason=reason), _, _)
                | (_, Unknown(reason=reason), _)
                | (_, _, Unknown(reason=reason))
            ):
                yield self.held(vault, f"not known whether the vault knows the VM: {reason}")
            case _, _, Absent(source=source):
                yield self.held(vault, f"there is no VM to discover ({source})")
            case _, Absent(source=source), Known():
                yield self._discover(vault, facts, source)

    def _discover(self, vault: str, facts: Facts, source: str) -> Step:
        ended = facts.job.end or facts.job.start
        if ended is not None and facts.job.seen < ended + REST:
            again = shown(ended + REST)
            return self.held(vault, f"a discovery may still be running; run again after {again}")
        return self.change(
            Operation.REFRESH_CONTAINERS,
            vault,
            what=f"have vault {facts.job.vault.name} discover VMs",
            why=(f"the vault lists the VM neither as protected nor as protectable ({source})",),
            before={"VM": "not discovered"},
            after={"VM": "discovered"},
            impact=Impact.REVERSIBLE,
            undo="not needed: it only makes the vault look",
        )
