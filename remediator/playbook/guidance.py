"""The work for a person: a playbook's own advice, or Azure's words where no playbook fits."""

import re
from collections.abc import Iterator
from shlex import quote

from remediator import ids
from remediator.change.step import Manual, Step
from remediator.facts import Facts, Known
from remediator.job.failure import Failure
from remediator.job.job import Job
from remediator.playbook.playbook import Playbook


def system_of(facts: Facts) -> str | None:
    """The VM's operating system; None if it is not known."""
    return facts.vm.value.os if isinstance(facts.vm, Known) else None


def manual_of(playbook: Playbook, job: Job, system: str | None) -> Manual:
    """A playbook's instructions for a person, with the ids and names of a job's VM.

    Args:
        playbook: the playbook.
        job: the failed job.
        system: the VM's operating system; None if it is not known.
    """
    vm = job.vm_id
    values = {
        "{vm}": vm or "VM_ID",
        "{vm_name}": job.vm_name,
        "{vm_group}": (ids.group_name(vm) if vm else None) or "GROUP",
        "{subscription}": job.vault.subscription,
        "{vm_subscription}": job.subject.subscription,
        "{vault}": job.vault.id,
        "{vault_name}": job.vault.name,
        "{vault_group}": job.vault.group,
        "{job}": job.id,
    }

    known = re.compile("|".join(re.escape(name) for name in values))

    def filled(command: str) -> str:
        return known.sub(lambda found: quote(values[found[0]]), command)

    return Manual(
        action="none",
        target=vm or job.id,
        why=playbook.manual.texts(system),
        commands=tuple(filled(command) for command in playbook.manual.commands_for(system)),
    )


def unknown_code(facts: Facts) -> Iterator[Step]:
    """The steps for an unknown code: Azure's words, and no change."""
    failure: Failure = facts.failure
    target = facts.job.vm_id or facts.job.id
    if failure.candidates:
        again = f"remediate --job-id {quote(facts.job.id)} --dry-run --error-code"
        yield Manual(
            action="none",
            target=target,
            why=(
                "more than one playbook fits, and this tool does not guess; choose one",
                *(f"{one.code}: {one.evidence}" for one in failure.candidates),
            ),
            commands=tuple(f"{again} {quote(one.code)}" for one in failure.candidates),
        )
        return
    named = failure.code or "no code at all"
    yield Manual(
        action="none",
        target=target,
        why=(
            f"no playbook has the code {named} ({failure.evidence}), so nothing is changed",
            *((f"Azure says: {failure.message}",) if failure.message else ()),
            *(f"Azure recommends: {message}" for message in failure.recommendations),
        ),
    )
