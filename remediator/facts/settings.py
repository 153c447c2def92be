"""Settings from the person, because Azure does not tell them. They are part of a plan."""

import re
from datetime import date
from typing import Final

from remediator.errors import BadInputError
from remediator.value import Value

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Settings(Value):
    """Values from the person or from the cloud's own constants. They are never guessed."""

    backup_service: str | None = None
    """Object id of the Backup Management Service's principal in the tenant. Only Microsoft Graph
    could tell it, and tokens go only to Azure Resource Manager."""
    backup_app_id: str | None = None
    """Application id of that service in this cloud. It serves to look up the object id."""
    restore_point_limit: int | None = None
    """The most instant restore points of one VM. None: the error's number, or the documented
    number."""

    retain_until: date | None = None
    """The day (UTC) at whose start the recovery point of an on-demand backup expires. The day is
    fixed when a command begins, so that a plan made anew still equals the approved plan. None:
    `RETAIN_DAYS` after the job was read."""

    @classmethod
    def told(
        cls,
        backup_service: str | None,
        backup_app_id: str | None,
        restore_point_limit: int | None,
        retain_until: date | None = None,
    ) -> "Settings":
        """The settings as the command line gives them.

        Raises:
            BadInputError: the object id is not a GUID, or is the application's id.
        """
        named = backup_service.strip().lower() if backup_service else None
        flag = "--backup-service-object-id"
        if named is not None and not _GUID.fullmatch(named):
            raise BadInputError(f"{flag} {backup_service!r} is not a GUID")
        if named is not None and named == backup_app_id:
            raise BadInputError(
                f"{flag} {named} is the application id, which is the same in every tenant. To "
                f"get the object id in your tenant: az ad sp show --id {named} --query id -o tsv"
            )
        return cls(
            backup_service=named,
            backup_app_id=backup_app_id,
            restore_point_limit=restore_point_limit,
            retain_until=retain_until,
        )


NOTHING_TOLD: Final = Settings()
