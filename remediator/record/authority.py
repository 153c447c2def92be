"""Who acts, and who allowed it: for the audit trail."""

import getpass
import socket
from typing import Any, Literal

from remediator.value import Value


class Identity(Value):
    """Whose access token it is, as its claims say. Azure verifies a token, this tool does not."""

    oid: str | None = None
    """The object id of the user or service principal."""
    appid: str | None = None
    """The application."""
    tid: str | None = None
    """The tenant."""
    upn: str | None = None
    """The user's name, where there is a user."""

    @classmethod
    def of(cls, claims: dict[str, Any]) -> "Identity":
        """The identity in a token's claims, in both versions of Entra's tokens."""

        def said(*names: str) -> str | None:
            found = (claims.get(name) for name in names)
            return next((value for value in found if isinstance(value, str) and value), None)

        return cls(
            oid=said("oid"),
            appid=said("appid", "azp"),
            tid=said("tid"),
            upn=said("upn", "preferred_username"),
        )


NOBODY = Identity()
"""Where Azure was not asked, or the token is none that can be read."""


By = Literal["terminal", "--yes", "caller", "guard", "nobody"]
"""An answer at a terminal, a flag that somebody set, a program that calls this one from Python, or
the guard that was armed for a lock's return before the lock was taken off."""


class Approval(Value):
    """How a plan came to be allowed."""

    by: By
    signed_by: str | None = None
    """The id of the key that signed the plan, where its signature was verified."""


def here() -> dict[str, str | None]:
    """The machine, and the account of its system that the process runs under."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user without a name
        user = None
    return {"host": socket.gethostname(), "user": user}
