"""Words about the VM's operating system."""

from typing import Final

from remediator.facts import Source, Unknown, Vm
from remediator.words.named import NamedFact, Word
from remediator.words.vm import of_vm


def _vm_os(vm: Vm, source: str) -> Word | Unknown:
    if vm.os not in ("windows", "linux"):
        return Unknown(f"the VM does not say which system it runs ({source})")
    return Word(vm.os, f"system {vm.os} {vm.os_version}".rstrip() + f" ({source})")


FACTS: Final = (
    NamedFact(
        "vm_os",
        ("windows", "linux"),
        "The VM's operating system.",
        frozenset({Source.VM}),
        of_vm(_vm_os),
    ),
)
