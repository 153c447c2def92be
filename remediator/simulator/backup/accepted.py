"""How the backup service accepts a request, and how it refuses one."""

from remediator.simulator.backup.forms import form_of
from remediator.simulator.backup.state import VaultOperation
from remediator.simulator.reply import ArmError, Json, Reply
from remediator.simulator.routing import Call
from remediator.simulator.signature import signature

RETRY_AFTER = 60.0
"""Seconds, as documented for every 202 of the backup service."""
STATUS_VERSION = "2019-05-13-preview"
"""The api-version of the status links of a discovery (2021) and of a cancel (2025)."""
_CERTIFICATE = 2100
"""How many characters ``c`` of a signed link has. Such a link has about 2,900 to 3,200 in all."""


def accepted(
    call: Call, operation: VaultOperation, status: str, result: str, *, polled_with: str = ""
) -> Reply:
    """Answer 202 with both links. Ids in them contain raw semicolons.

    ``polled_with`` is the api-version of the status link if it differs from the request's. Since
    2024 both links are signed.
    """
    more: dict[str, str] = {}
    if form_of(call).new:
        more = signature(operation.id, operation.started, _CERTIFICATE)
    version = {"api-version": polled_with or call.api_version}
    return Reply(
        202,
        headers={
            "Azure-AsyncOperation": call.link(f"{status}/{operation.id}", **version, **more),
            "Location": call.link(f"{result}/{operation.id}", **more),
        },
        retry_after=RETRY_AFTER,
    )


def item_accepted(call: Call, operation: VaultOperation) -> Reply:
    """Answer with links below the item. They spell its name as the request did (recorded)."""
    tail = f"{call.params['container']}/protectedItems/{call.params['item']}"
    item = f"{form_of(call).vault}/backupFabrics/Azure/protectionContainers/{tail}"
    return accepted(call, operation, f"{item}/operationsStatus", f"{item}/operationResults")


def refused(call: Call) -> Json | None:
    """Return the error of an operation, if a fault lets it fail."""
    fault = call.fault("lro-fails")
    if fault is None:
        return None
    return {
        "code": fault.code or "CloudInternalError",
        "message": fault.message or "Microsoft Azure Backup encountered an internal error.",
    }


def invalid(message: str) -> ArmError:
    """The error for a request that makes no sense. The code is unverified."""
    return ArmError(400, "BMSUserErrorInvalidInput", message, envelope="recovery")
