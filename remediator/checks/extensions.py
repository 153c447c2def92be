"""The VM's extensions and the backup's own: article steps 3 and 4."""

from typing import Final

from remediator.checks.check import Answer, Area, Check, failed, passed
from remediator.checks.vm import of_vm
from remediator.facts import Provisioning, Source, Vm
from remediator.language import marked


def _others(vm: Vm, source: str) -> Answer:
    ill = [e for e in vm.extensions if not e.is_backup and e.state is not Provisioning.SUCCEEDED]
    if not ill:
        count = sum(1 for e in vm.extensions if not e.is_backup)
        return passed("{count} extensions, all succeeded", source, count=count)
    named = "; ".join(f"{e.name} ({e.publisher}): {e.state} {e.message}".strip() for e in ill)
    return failed(
        "not succeeded: {extensions}",
        source,
        marked("Mend or remove them there where they belong; a backup waits for all extensions."),
        extensions=named,
    )


def _backup(vm: Vm, source: str) -> Answer:
    found = next((e for e in vm.extensions if e.is_backup), None)
    if found is None:
        return passed("not there; the next backup installs it", source)
    if found.state is Provisioning.SUCCEEDED:
        return passed("{name} succeeded", source, name=found.name)
    return failed(
        "{name} is {state}: {message}",
        source,
        marked("Uninstall it while the agent answers; the next backup installs it again."),
        name=found.name,
        state=found.state.value,
        message=found.message or "-",
    )


_VM: Final = frozenset({Source.VM})

CHECKS: Final = (
    Check("extensions", Area.EXTENSIONS, "All extensions succeeded", _VM, of_vm(_others)),
    Check("backup-extension", Area.EXTENSIONS, "The backup extension is well", _VM, of_vm(_backup)),
)
