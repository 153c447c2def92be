"""Who acts, and who allowed it. The audit trail tells both."""

import getpass
import socket
from typing import Any, Literal

from remediator.value import Value


class Identity(Value):
    """The owner of the access token, as the token's claims say.

    Azure verifies the token; this tool does not.
    """

    oid: str | None = None
    """The object id of the user or service principal."""
    appid: str | None = None
    """The application's id."""
    tid: str | None = None
    """The tenant's id."""
    upn: str | None = None
    """The user's name, if the token is a user's."""

    @classmethod
    def of(cls, claims: dict[str, Any]) -> "Identity":
        """The identity in a token's claims. It reads both versions of Entra's tokens."""

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
"""The identity if Azure was not asked, or if the token cannot be read."""


By = Literal["terminal", "--yes", "caller", "guard", "nobody"]
"""Who or what gave the consent.

This is an answer at a terminal, a flag, a Python program that calls this one, the guard of a run,
or nobody. The guard of a run is armed before a lock is taken off; it returns the lock.
"""


class Approval(Value):
    """How a plan was allowed."""

    by: By
    signed_by: str | None = None
    """The id of the key that signed the plan, if its signature was verified."""


def here() -> dict[str, str | None]:
    """The machine's name, and the system account of this process."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user may have no name
        user = None
    return {"host": socket.gethostname(), "user": user}
