"""The opt-out: a tag on the VM, its group or its subscription keeps the tool away."""

from collections.abc import Iterator

from remediator import ids
from remediator.facts import Absent, Fact, Facts, Known, Source, Unknown
from remediator.guards.case import Case, Refusal
from remediator.guards.limits import Limits

Tags = tuple[tuple[str, str], ...]


def needs(limits: Limits, *, to_apply: bool) -> frozenset[Source]:
    """All places where the tag may be. A dry run reads them only if the person named the tag."""
    wanted = limits.opt_out is not None and (to_apply or limits.opt_out_named)
    everywhere = {Source.VM, Source.GROUPS, Source.SUBSCRIPTION_TAGS}
    return frozenset(everywhere if wanted else ())


def judge(case: Case) -> Refusal | None:
    """Refuse if the tag is at one of the places, or if a place could not be read.

    Places that a dry run has not read decide nothing. They are read before a run begins.
    """
    tag = case.limits.opt_out
    if tag is None:
        return None
    unread: str | None = None
    for where, tags in _tags(case.facts, case.vm_id):
        match tags:
            case Known(value=found, source=source):
                if said := tag.set_by(found):
                    reason = f"{where} is opted out by its tag {said} ({source})"
                    return Refusal("opt-out", case.target, reason)
            case Unknown(reason=reason):
                unread = unread or f"cannot tell whether {where} is opted out: {reason}"
    return Refusal("opt-out", case.target, unread) if unread else None


def _tags(facts: Facts, vm_id: str | None) -> Iterator[tuple[str, Fact[Tags]]]:
    read = facts.read()
    if Source.VM in read:
        match facts.vm:
            case Known(value=vm, source=source, at=at):
                yield "the VM", Known(vm.tags, source, at)
            case Unknown() as unknown:
                yield "the VM", unknown
            case Absent():
                pass  # an absent VM carries no tag
    if Source.GROUPS in read:
        yield "the VM's group", _of_group(facts, vm_id)
    if Source.SUBSCRIPTION_TAGS in read:
        yield "the subscription", facts.subscription_tags


def _of_group(facts: Facts, vm_id: str | None) -> Fact[Tags]:
    name = ids.group_name(vm_id) if vm_id else None
    match facts.groups:
        case Unknown() as unknown:
            return unknown
        case _ if name is None:
            return Unknown("the VM is not known")
        case Known(value=groups, source=source, at=at):
            found = next((group for group in groups if ids.same(group.name, name)), None)
            if found is not None:
                return Known(found.tags, source, at)
            if isinstance(facts.vm, Absent):
                return Known((), source, at)  # gone together with its VM
            return Unknown(f"{source} does not list {name}")
