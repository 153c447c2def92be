"""Name failed extensions of other products. This tool never changes them."""

import shlex
from collections.abc import Iterator
from typing import ClassVar, Literal

from remediator import ids
from remediator.actions._on_vm import OnVm
from remediator.change.step import Step
from remediator.facts import Extension, Facts, Provisioning, Source, Vm


class NameFailedExtensions(OnVm):
    """Hold the rung while an extension of another product has failed, and name the extension.

    Removing the extension may switch that product off. Its protected settings cannot be read, so
    the extension could not be put back. Its owner decides.
    """

    needs: ClassVar = frozenset({Source.VM})
    changes: ClassVar = frozenset({"other_extensions"})
    action: Literal["name-failed-extensions"] = "name-failed-extensions"

    def on(self, vm: Vm, facts: Facts, source: str) -> Iterator[Step]:
        """One held step per failed extension that is not Azure Backup's own."""
        others = [e for e in vm.extensions if not e.is_backup]
        failed = [e for e in others if e.state is Provisioning.FAILED]
        for extension in failed:
            told = f" ({extension.message})" if extension.message else ""
            yield self.held(
                f"{vm.id}/extensions/{extension.name}",
                f"extension {extension.name} ({extension.publisher}) has failed{told}; it "
                f"belongs to another product ({source})",
                "repair it with that product, or remove it if nobody needs it: "
                f"{_removal(vm, facts, extension)}",
            )
        if not failed:
            yield self.unchanged(vm.id, f"no extension of another product has failed ({source})")


def _removal(vm: Vm, facts: Facts, extension: Extension) -> str:
    """The removal command with names. An id in a reason would be shown shortened."""
    subscription, group = facts.subject.subscription, ids.group_name(vm.id) or "GROUP"
    place = ["--subscription", subscription, "--resource-group", group, "--vm-name", vm.name]
    return shlex.join(["az", "vm", "extension", "delete", *place, "--name", extension.name])
