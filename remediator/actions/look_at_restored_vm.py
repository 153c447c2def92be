"""Let a person look at a VM that was perhaps restored just before the failed backup."""

import shlex
from collections.abc import Iterator
from typing import ClassVar, Literal

from remediator.actions._protection import OnProtection
from remediator.change.az_protection import az_resume
from remediator.change.step import Step
from remediator.conditions.jobs import restores_before
from remediator.facts import Facts, Known, Source, Unknown
from remediator.moments import shown


class LookAtRestoredVm(OnProtection):
    """Let a person look at the VM before anything else, because its disks may just be replaced.

    Before Azure replaces the disks of a VM, it takes a backup. If the VM's protection is stopped,
    this backup fails, and the restore may be done all the same.
    """

    needs: ClassVar = frozenset({Source.ITEM, Source.JOBS})
    action: Literal["look-at-restored-vm"] = "look-at-restored-vm"

    def plan(self, facts: Facts) -> Iterator[Step]:
        """Work for a person, with the restore jobs and the commands."""
        vm = facts.job.vm_id or facts.job.id
        restores = restores_before(facts)
        if isinstance(restores, Unknown):
            yield self.held(vm, f"jobs not known: {restores.reason}")
            return
        if not restores:
            yield self.unchanged(vm, "no restore of this VM began in the day before the backup")
            return
        told = ", ".join(f"{r.name} ({shown(r.start)}, {r.status})" for r in restores)
        looks = [["az", "backup", "job", "show", "--ids", row.id] for row in restores]
        if facts.job.vm_id:
            looks.append(["az", "vm", "show", "--ids", vm, "--query", "storageProfile"])
        resume = (az_resume(facts.item.value.id, None),) if isinstance(facts.item, Known) else ()
        yield self.manual(
            vm,
            f"restore job {told} began in the day before this backup, which may be the one that "
            "Azure takes before it replaces the disks",
            "the restore itself may have been done although this backup failed: look at the VM and "
            "its disks before anything else, and do not restore again before",
            "if the protection was stopped on purpose, this failure needs no remedy; otherwise "
            "resume the protection",
            commands=(*map(shlex.join, looks), *resume),
        )
