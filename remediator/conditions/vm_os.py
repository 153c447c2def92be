"""Conditions about the VM's operating system."""

from typing import Final

from remediator.conditions.condition import Condition, State
from remediator.conditions.vm import of_vm
from remediator.facts import Source, Unknown, Vm


def _vm_os(vm: Vm, source: str) -> State | Unknown:
    if vm.os not in ("windows", "linux"):
        return Unknown(f"the VM does not say which operating system it runs ({source})")
    return State(vm.os, f"system {vm.os} {vm.os_version}".rstrip() + f" ({source})")


CONDITIONS: Final = (
    Condition(
        "vm_os",
        ("windows", "linux"),
        "The VM's operating system.",
        frozenset({Source.VM}),
        of_vm(_vm_os),
    ),
)
