"""Let the VM take extensions again, which the backup needs."""

import shlex
from collections.abc import Iterator
from typing import ClassVar, Literal

from remediator.actions._on_vm import OnVm
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.conditions.vm_state import is_changing
from remediator.facts import Facts, Vm


class AllowExtensions(OnVm):
    """Set `allowExtensionOperations` of the VM to true. A VM that does not tell it allows them.

    Somebody forbade extensions on purpose, perhaps so that nobody can run anything in the guest.
    So it counts as a change of security.
    """

    action: Literal["allow-extensions"] = "allow-extensions"
    changes: ClassVar = frozenset({"agent", "extensions_allowed"})

    def on(self, vm: Vm, facts: Facts, source: str) -> Iterator[Step]:
        """One change, or the reason for no change."""
        if vm.extensions_allowed is not False:
            yield self.unchanged(vm.id, f"the VM does not forbid extensions ({source})")
            return
        if is_changing(vm):
            yield self.held(vm.id, f"somebody is changing the VM right now ({source})")
            return
        without_agent = (
            "the VM was made without its agent (provisionVMAgent is false), so the agent must be "
            "installed in the guest by hand"
        )
        yield self.forbidden(facts, vm.id) or self.change(
            Operation.UPDATE_VM,
            vm.id,
            what=f"allow extensions on VM {vm.name}",
            why=(
                f"extensions are forbidden: allowExtensionOperations is false ({source})",
                *((without_agent,) if vm.agent_wanted is False else ()),
            ),
            before={"allowExtensionOperations": False},
            after={"allowExtensionOperations": True},
            impact=Impact.SECURITY,
            undo="only while no extension is on the VM: "
            + shlex.join(
                [
                    *("az", "vm", "update", "--ids", vm.id),
                    *("--set", "osProfile.allowExtensionOperations=false"),
                ]
            ),
            body={"properties": {"osProfile": {"allowExtensionOperations": True}}},
        )
