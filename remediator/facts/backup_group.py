"""Azure Backup's next resource group for a VM: its name, and the tags that policies demand.

Source of the names: "Back up a VM during its creation". A name is `AzureBackupRG_<geo>_<n>`, or the
policy's own `<prefix>n<suffix>`, with n from 1.
"""

import re
from dataclasses import dataclass

from remediator import ids
from remediator.facts import Facts, Group, Known, TagDemand, Unknown


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that is demanded. Its value is None when no fact tells it."""

    name: str
    value: str | None
    because: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """The group that Azure Backup needs next."""

    id: str
    name: str
    tags: tuple[Tag, ...]
    there: bool
    """Whether a group of this number exists already."""
    because: str


def wanted_group(facts: Facts) -> Wanted | Unknown:
    """The next group, from the existing groups and the names in the error.

    The error's text only picks a number; the pattern of the name is known without it. If the error
    names no such group, the group of the highest number is taken, provided that it has the demanded
    tags: then somebody has prepared it. Otherwise the next number is taken.
    """
    match facts.vm, facts.policy, facts.groups, facts.tag_demands:
        case (
            (Unknown() as unknown, _, _, _)
            | (_, Unknown() as unknown, _, _)
            | (_, _, Unknown() as unknown, _)
            | (_, _, _, Unknown() as unknown)
        ):
            return unknown
        case Known(value=vm), policy, Known(value=groups), Known(value=demanded):
            prefix, suffix = f"AzureBackupRG_{vm.location}_", ""
            if isinstance(policy, Known) and policy.value.group_prefix:
                prefix, suffix = policy.value.group_prefix, policy.value.group_suffix or ""
            name = re.compile(
                f"{re.escape(prefix)}([1-9][0-9]{{0,3}}){re.escape(suffix)}", re.IGNORECASE
            )
            own = next((g for g in groups if _same(g.name, ids.group_name(vm.id))), None)
            tags = _tags(demanded.demands, own)
            numbered = {int(m[1]): g for g in groups if (m := name.fullmatch(g.name))}
            last = max(numbered, default=0)
            if named := _named(facts, name):
                number, because = named, "the error names it"
            elif last and _ready(numbered[last], demanded.demands):
                number, because = last, "it is the newest one and has the demanded tags"
            else:
                number, because = last + 1, f"{last} such groups are there already"
            full = f"{prefix}{number}{suffix}"
            if not ids.is_segment(full):
                return Unknown(f"{full!r} cannot be the name of a resource group")
            return Wanted(
                id=f"/subscriptions/{facts.subject.subscription}/resourcegroups/{full}",
                name=full,
                tags=tags,
                there=number in numbered,
                because=because,
            )
        case _:
            return Unknown("no such VM")


def _same(one: str, other: str | None) -> bool:
    return ids.same_name(one, other)


def _named(facts: Facts, name: re.Pattern[str]) -> int | None:
    """The highest number among the groups of this pattern that the error names."""
    text = f"{facts.failure.message} {facts.job.dynamic_error_message or ''}"
    quoted = re.findall(r"'([^'\s]{1,90})'", text)
    return max((int(m[1]) for word in quoted if (m := name.fullmatch(word))), default=None)


def _ready(group: Group, demands: tuple[TagDemand, ...]) -> bool:
    def meets(demand: TagDemand) -> bool:
        value = group.tag(demand.tag)
        return value is not None and (not demand.values or value in demand.values)

    return bool(demands) and all(map(meets, demands))


def _tags(demands: tuple[TagDemand, ...], own: Group | None) -> tuple[Tag, ...]:
    by_name: dict[str, list[TagDemand]] = {}
    for demand in demands:
        by_name.setdefault(ids.folded(demand.tag), []).append(demand)
    return tuple(_tag(rows, own) for rows in by_name.values())


def _tag(demands: list[TagDemand], own: Group | None) -> Tag:
    name = demands[0].tag
    policies = ", ".join(dict.fromkeys(demand.policy for demand in demands))
    allowed: list[str] | None = None
    for demand in demands:
        if demand.values:
            allowed = [v for v in (allowed or demand.values) if v in demand.values]
            if not allowed:
                return Tag(name, None, f"policies {policies} demand different values of it")
    had = own.tag(name) if own else None
    where = f"group {own.name}" if own else "the VM's group"
    if had is not None and (allowed is None or had in allowed):
        return Tag(name, had, f"demanded by policy {policies}; the value is that of {where}")
    if allowed is not None and len(allowed) == 1:
        return Tag(name, allowed[0], f"demanded by policy {policies}, with this value")
    told = f"one of {', '.join(allowed)}" if allowed else "any value"
    return Tag(
        name, None, f"policy {policies} demands {told}, and {where} does not say which value"
    )
