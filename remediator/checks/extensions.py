"""The VM's extensions and Azure Backup's own extension: article steps 3 and 4."""

from typing import Final

from remediator.checks.check import Answer, Area, Check, failed, left_open, passed
from remediator.checks.vm import of_vm
from remediator.facts import AgentState, Extension, Provisioning, Source, Vm
from remediator.language import marked


def _others(vm: Vm, source: str) -> Answer:
    ill = [e for e in vm.extensions if not e.is_backup and e.state is not Provisioning.SUCCEEDED]
    if not ill:
        names = ", ".join(e.name for e in vm.extensions if not e.is_backup)
        if not names:
            return passed("there are no extensions except the backup's own", source)
        return passed("succeeded: {names}", source, names=names)
    named = "; ".join(f"{e.name} ({e.publisher}): {e.state} {e.message}".strip() for e in ill)
    return failed(
        "not succeeded: {extensions}",
        source,
        marked("Ask their owners to repair or remove them; a backup waits for all extensions."),
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


def _listed(vm: Vm, source: str) -> Answer:
    found = next((e for e in vm.extensions if e.is_backup), None)
    if found is not None and not found.listed:
        return failed(
            "the agent still has {name}, which Azure does not list",
            source,
            marked("Uninstall it by its name anyway; the next backup installs it again."),
            name=found.name,
        )
    if vm.agent is not AgentState.READY:
        return left_open("the agent's extensions are not known, because it does not answer", source)
    return passed("Azure and the agent list the same extensions", source)


_PRODUCTS: Final = (
    "acronis", "arcserve", "carbonite", "cohesity", "commvault", "druva", "rubrik", "unitrends",
    "veeam", "veritas", "netbackup",
)  # fmt: skip
"""Names of makers and products. An extension with such a name belongs to another backup product."""


def _is_other_backup(extension: Extension) -> bool:
    named = f"{extension.publisher}.{extension.type}".lower()
    ours = extension.publisher.lower().split(".")[0] == "microsoft"
    return not ours and ("backup" in named or any(product in named for product in _PRODUCTS))


def _products(vm: Vm, source: str) -> Answer:
    if found := [e for e in vm.extensions if _is_other_backup(e)]:
        return failed(
            "by its name, this is another backup product: {extensions}",
            source,
            marked(
                "Only one product should take snapshots at a time: let them run at different "
                "hours, or keep one of them."
            ),
            extensions="; ".join(f"{e.name} ({e.publisher}.{e.type})" for e in found),
        )
    return passed(
        "no extension of another backup product; a product without an extension is not seen", source
    )


_VM: Final = frozenset({Source.VM})

CHECKS: Final = (
    Check(
        "extensions",
        Area.EXTENSIONS,
        "The other extensions are well",
        _VM,
        of_vm(_others),
        of_agent=True,
    ),
    Check(
        "backup-extension",
        Area.EXTENSIONS,
        "The backup extension is well",
        _VM,
        of_vm(_backup),
        of_agent=True,
    ),
    Check(
        "backup-extension-listed",
        Area.EXTENSIONS,
        "No old backup extension is left",
        _VM,
        of_vm(_listed),
        of_agent=True,
    ),
    Check(
        "other-backup", Area.EXTENSIONS, "No other backup product is there", _VM, of_vm(_products)
    ),
)
