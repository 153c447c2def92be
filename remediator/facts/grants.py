"""Grants: the permissions of an identity at a scope, according to Azure's roles."""

import re
from collections.abc import Iterable

from remediator.value import Value


class Grant(Value):
    """The permissions of one role assignment: its actions without its not-actions.

    A not-action removes only a permission of the same role. Another role may still grant it
    ("Understand Azure role definitions").
    """

    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    conditional: bool = False
    """Whether a condition restricts the grant. Conditions are not evaluated here."""

    def gives(self, permission: str) -> bool:
        """Whether the grant has a permission such as `Microsoft.Compute/virtualMachines/read`."""
        return _any(self.actions, permission) and not _any(self.not_actions, permission)


def given(grants: Iterable[Grant], permission: str) -> bool:
    """Whether any grant gives a permission without a condition."""
    return any(grant.gives(permission) and not grant.conditional for grant in grants)


def _any(patterns: tuple[str, ...], permission: str) -> bool:
    return any(_fits(pattern, permission) for pattern in patterns)


def _fits(pattern: str, permission: str) -> bool:
    """Whether a pattern fits, in any casing. `*` stands for any text, slashes too."""
    expression = ".*".join(map(re.escape, pattern.split("*")))
    return re.fullmatch(expression, permission, re.IGNORECASE | re.ASCII) is not None
