"""Name failed extensions of other products, which this tool never touches."""

import shlex
from collections.abc import Iterator
from typing import ClassVar, Literal

from remediator.actions._on_vm import OnVm
from remediator.facts import Facts, Provisioning, Source, Vm
from remediator.step import Step


class NameFailedExtensions(OnVm):
    """Hold the rung while an extension of another product has failed, and say which.

    To remove it may switch that product off, and its protected settings cannot be read to put it
    back: whoever owns it decides.
    """

    needs: ClassVar = frozenset({Source.VM})
    action: Literal["name-failed-extensions"] = "name-failed-extensions"

    def on(self, vm: Vm, _facts: Facts, source: str) -> Iterator[Step]:
        """One held step per failed extension that is not Azure Backup's own."""
        others = [e for e in vm.extensions if not e.is_backup]
        failed = [e for e in others if e.state is Provisioning.FAILED]
        for extension in failed:
            target = f"{vm.id}/extensions/{extension.name}"
            told = f": {extension.message}" if extension.message else ""
            remove = shlex.join(["az", "vm", "extension", "delete", "--ids", target])
            yield self.held(
                target,
                f"extension {extension.name} ({extension.publisher}) has failed{told}; it is "
                f"another product's ({source})",
                f"mend it there, or remove it if nobody needs it: {remove}",
            )
        if not failed:
            yield self.unchanged(vm.id, f"no extension of another product has failed ({source})")
