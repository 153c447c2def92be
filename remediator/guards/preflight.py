"""The preflight: compares the permissions that the changes need with those of the identity.

This happens before the first change, so that no run stops halfway for a missing permission. Deny
assignments cannot be read this way.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from remediator import ids
from remediator.change.step import Change
from remediator.facts import Fact, Known, Unknown
from remediator.facts.grants import Grant, given
from remediator.guards.case import Refusal
from remediator.value import Value

_AUTHORIZATION: Final = "/providers/microsoft.authorization/"

State = Literal["held", "missing", "conditional", "unknown"]


@dataclass(frozen=True, slots=True)
class Need:
    """A permission at a scope."""

    permission: str
    scope: str


def needs_of(changes: tuple[Change, ...]) -> tuple[Need, ...]:
    """The permissions that the changes need, each once."""
    return tuple(dict.fromkeys(Need(c.permission, scope_of(c.target)) for c in changes))


def scope_of(target: str) -> str:
    """The scope at which the permissions for a target are read.

    For a lock or a role assignment: the thing that it is on. For a resource group, which may not
    exist yet: its subscription. For a part of a resource: the resource.
    """
    at = target.lower().rfind(_AUTHORIZATION)
    if at > 0:
        return target[:at]
    try:
        found = ids.ResourceId.parse(target)
    except ValueError:
        return "/" + "/".join(target.strip("/").split("/")[:2])
    return f"{found.group_id}/providers/{found.namespace}/{found.types[0]}/{found.names[0]}"


class Right(Value):
    """Whether an identity has a permission at a scope."""

    permission: str
    scope: str
    state: State
    because: str
    """The request that told it, or the reason why it is not known."""


def rights(
    needs: tuple[Need, ...], grants: Mapping[str, Fact[tuple[Grant, ...]]]
) -> Iterator[Right]:
    """Compare each need with the identity's permissions."""
    for need in needs:
        state, because = _standing(need.permission, grants[need.scope])
        yield Right(permission=need.permission, scope=need.scope, state=state, because=because)


def _standing(permission: str, grants: Fact[tuple[Grant, ...]]) -> tuple[State, str]:
    match grants:
        case Unknown(reason=reason):
            return "unknown", reason
        case Known(value=held, source=source) if given(held, permission):
            return "held", source
        case Known(value=held, source=source) if any(each.gives(permission) for each in held):
            return "conditional", source
        case Known(source=source):
            return "missing", source


def judge(
    needs: tuple[Need, ...], grants: Mapping[str, Fact[tuple[Grant, ...]]], target: str
) -> Refusal | None:
    """Refuse if a permission is missing, or cannot be checked."""
    reasons = dict.fromkeys(filter(None, map(_reason, rights(needs, grants))))
    return Refusal("permissions", target, "; ".join(reasons)) if reasons else None


def _reason(right: Right) -> str | None:
    match right.state:
        case "held":
            return None
        case "missing":
            return f"this identity lacks {right.permission} at {right.scope}"
        case "conditional":
            held = f"this identity holds {right.permission} at {right.scope} under a condition"
            return f"{held}, which this check does not evaluate; --no-preflight skips this check"
        case "unknown":
            told = f"cannot check what this identity may do at {right.scope}: {right.because}"
            return f"{told}; --no-preflight skips this check"
