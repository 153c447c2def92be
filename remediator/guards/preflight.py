"""The preflight: what the changes need, against what the identity holds, before the first of them.

So nothing stops halfway for want of a permission. Deny assignments cannot be read this way.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from remediator import ids
from remediator.facts import Fact, Unknown
from remediator.grants import Grant, given
from remediator.guards.case import Refusal
from remediator.step import Change

_AUTHORIZATION: Final = "/providers/microsoft.authorization/"


@dataclass(frozen=True, slots=True)
class Need:
    """A permission at a scope."""

    permission: str
    scope: str


def needs_of(changes: tuple[Change, ...]) -> tuple[Need, ...]:
    """What the changes need, each once."""
    return tuple(dict.fromkeys(Need(c.permission, scope_of(c.target)) for c in changes))


def scope_of(target: str) -> str:
    """Where it is looked for what may be done to a target.

    A lock's or a role assignment's is what it is on; a resource group's, which may not be there
    yet, its subscription; a part's the resource that it is part of.
    """
    at = target.lower().rfind(_AUTHORIZATION)
    if at > 0:
        return target[:at]
    try:
        found = ids.ResourceId.parse(target)
    except ValueError:
        return "/" + "/".join(target.strip("/").split("/")[:2])
    return f"{found.group_id}/providers/{found.namespace}/{found.types[0]}/{found.names[0]}"


def judge(
    needs: tuple[Need, ...], grants: Mapping[str, Fact[tuple[Grant, ...]]], target: str
) -> Refusal | None:
    """Refuse when anything is missing, or cannot be checked."""
    found = tuple(_lacking(needs, grants))
    return Refusal("permissions", target, "; ".join(found)) if found else None


def _lacking(
    needs: tuple[Need, ...], grants: Mapping[str, Fact[tuple[Grant, ...]]]
) -> Iterator[str]:
    unread: set[str] = set()
    for need in needs:
        held = grants[need.scope]
        if isinstance(held, Unknown):
            if need.scope not in unread:
                unread.add(need.scope)
                yield (
                    f"cannot check what this identity may do at {need.scope}: {held.reason}; "
                    "--no-preflight goes on without"
                )
        elif not given(held.value, need.permission):
            only = any(grant.gives(need.permission) for grant in held.value)
            how = "holds only under a condition" if only else "lacks"
            yield f"this identity {how} {need.permission} at {need.scope}"
