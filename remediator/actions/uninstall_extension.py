"""Uninstall Azure Backup's own VM extension; the next backup installs it again."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from remediator.actions._on_vm import OnVm
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.facts import AgentState, Extension, Facts, PowerState, Provisioning, Vm


class UninstallExtension(OnVm):
    """Delete VMSnapshot or VMSnapshotLinux of Microsoft.Azure.RecoveryServices, and no other.

    The VM must run and its agent must answer. Otherwise Azure refuses, and the extension stays
    stuck.
    """

    changes: ClassVar = frozenset({"snapshot_extension", "vm_provisioning", "vm_state"})
    action: Literal["uninstall-extension"] = "uninstall-extension"

    def on(self, vm: Vm, facts: Facts, source: str) -> Iterator[Step]:
        """One change for the backup extension. Other failed extensions are named for a person."""
        mine = [e for e in vm.extensions if e.is_backup]
        for extension in vm.extensions:
            if extension not in mine and extension.state is Provisioning.FAILED:
                yield self.manual(
                    f"{vm.id}/extensions/{extension.name}",
                    f"extension {extension.name} ({extension.publisher}) has failed too; it "
                    "belongs to another product: repair or remove it there",
                )
        if not mine:
            yield self.unchanged(vm.id, f"the backup extension is not there ({source})")
        for extension in mine:
            yield self._uninstall(extension, vm, facts, source)

    def _uninstall(self, extension: Extension, vm: Vm, facts: Facts, source: str) -> Step:
        target = f"{vm.id}/extensions/{extension.name}"
        if vm.power is not PowerState.RUNNING:
            return self.held(
                target, f"the VM is {vm.power}: extensions change only while it runs ({source})"
            )
        if vm.agent is not AgentState.READY:
            return self.held(
                target,
                f"the VM agent is {vm.agent}, so the removal would not be carried out ({source})",
            )
        return self.forbidden(facts, target, by_any=True) or self.change(
            Operation.DELETE_EXTENSION,
            target,
            what=f"uninstall extension {extension.name} from {vm.name}",
            why=(
                f"extension {extension.name} is {extension.state}"
                + (f": {extension.message}" if extension.message else "")
                + f" ({source})",
            ),
            before={"extension": extension.name, "state": extension.state.value},
            after={"extension": None},
            impact=Impact.REVERSIBLE,
            undo="not needed: the next backup installs it again",
        )
