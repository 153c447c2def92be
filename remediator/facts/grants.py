"""Grants: what an identity may do at a scope, as Azure's roles say it."""

import re
from collections.abc import Iterable

from remediator.value import Value


class Grant(Value):
    """What one role assignment grants: its actions without its not-actions.

    A not-action takes away only what the same role gives; another role may give it all the same
    ("Understand Azure role definitions").
    """

    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    conditional: bool = False
    """Whether a condition restricts it, which is not evaluated here."""

    def gives(self, permission: str) -> bool:
        """Whether a permission such as `Microsoft.Compute/virtualMachines/read` is in it."""
        return _any(self.actions, permission) and not _any(self.not_actions, permission)


def given(grants: Iterable[Grant], permission: str) -> bool:
    """Whether any grant gives a permission without a condition."""
    return any(grant.gives(permission) and not grant.conditional for grant in grants)


def _any(patterns: tuple[str, ...], permission: str) -> bool:
    return any(_fits(pattern, permission) for pattern in patterns)


def _fits(pattern: str, permission: str) -> bool:
    """Whether a pattern, in which `*` stands for anything, slashes too, fits; in any casing."""
    expression = ".*".join(map(re.escape, pattern.split("*")))
    return re.fullmatch(expression, permission, re.IGNORECASE | re.ASCII) is not None
