"""The Writer: carries out one change at a time through the management clients."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from azure.core.exceptions import AzureError as SdkError
from azure.core.exceptions import DecodeError
from azure.core.polling.base_polling import BadResponse, BadStatus

from remediator.azure.answers import unreadable
from remediator.azure.discovery import discover
from remediator.azure.errors import explain
from remediator.azure.retry import retry_after
from remediator.azure.sdk import SdkClients
from remediator.azure.versions import Versions
from remediator.change.operations import SHAPES, Operation
from remediator.change.step import Change
from remediator.change.writing import Receipt
from remediator.errors import SCRIPT_FAILED, AzureError
from remediator.ids import ResourceId, lock_scope

if TYPE_CHECKING:
    from azure.mgmt.compute.aio import ComputeManagementClient


_Compute = Literal[
    Operation.DELETE_POINT,
    Operation.DELETE_COLLECTION,
    Operation.DELETE_EXTENSION,
    Operation.REAPPLY_VM,
    Operation.RESTART_VM,
    Operation.REDEPLOY_VM,
    Operation.START_VM,
    Operation.POWER_OFF_VM,
    Operation.DEALLOCATE_VM,
    Operation.REVOKE_DISK_POINT,
]
_Long = (
    _Compute
    | Literal[
        Operation.PUT_PROTECTION,
        Operation.ADD_ACCESS_POLICY,
        Operation.PUT_ROLE_ASSIGNMENT,
        Operation.RECOVER_KEY_VAULT,
        Operation.UPDATE_KEY_VAULT,
        Operation.RUN_SCRIPT,
        Operation.UPDATE_VM,
    ]
)


_ACCEPTED = 202

_SCRIPT_ENDED = "Finished executing command"
"""What a failed Run Command says when its script has run to its end, with another code than 0.

Reported for some hosts with Windows (Azure/azure-powershell#6343, Azure/azure-cli#6898); Microsoft
documents neither this text nor its absence.
"""


@contextmanager
def _explained(change: Change, status: Callable[[], int]) -> Iterator[None]:
    """Turn the SDK's exceptions into errors of ours.

    Args:
        change: the change that was sent.
        status: the status that Azure has answered to it so far; 0 for none.
    """
    try:
        yield
    except AzureError as error:
        if 200 <= status() < 300:
            error.arrived = None  # accepted; only a look at its operation failed
        raise
    except SdkError as error:
        told = explain(error, f"{change.request.method} {change.target}", sent=True)
        unread = isinstance(error, DecodeError) or isinstance(
            error.inner_exception, BadResponse | BadStatus
        )
        if (told.arrived is False or unread) and 200 <= status() < 300:
            # Accepted. Only a look at its operation was refused or not understood.
            told.arrived = None
        if change.operation is Operation.RUN_SCRIPT and told.arrived and _SCRIPT_ENDED in str(told):
            # Only the script's answer could have told what it had done, and Azure drops it.
            told.code, told.arrived = SCRIPT_FAILED, None
        raise told from error
    except Exception as error:
        # The SDK expects the documented body and does not check it.
        doing, why = f"{change.request.method} {change.target}", type(error).__name__
        raise unreadable(doing, why, status=status() or None, arrived=None) from error


class ArmWriter:
    """Sends changes. The SDK's pollers follow the long-running operations."""

    def __init__(self, clients: SdkClients, poll: float) -> None:
        self._clients = clients
        self._poll = poll

    async def begin(self, change: Change, request_id: str | None = None) -> Receipt:
        """Send a change. It does not wait for the operation that the change begins."""
        headers: dict[str, str] = {}
        status = 0

        def note(pipeline_response: Any) -> None:
            nonlocal status
            response = pipeline_response.http_response
            if response.request.method == change.request.method:
                status = response.status_code
                headers.update(response.headers)

        named = {} if request_id is None else {"request_id": request_id}
        with _explained(change, lambda: status):
            poller = await self._operation(change, raw_response_hook=note, **named)
            return Receipt(
                status=status,
                correlation_id=_pick(headers, "x-ms-correlation-request-id"),
                operation_url=_pick(headers, "Azure-AsyncOperation"),
                retry_after=retry_after(headers),
                token=poller.continuation_token() if poller is not None else None,
            )

    async def finish(self, change: Change, token: str) -> str:
        """Follow the operation of a token to its end."""
        with _explained(change, lambda: _ACCEPTED):
            poller = await self._operation(change, continuation_token=token)
            result = await poller.result()
            rows = getattr(result, "value", None) or ()
            return "\n".join(str(row.message or "") for row in rows)

    async def _operation(self, change: Change, **options: Any) -> Any:
        """Call the SDK. Return the operation's poller, or None if the answer is the end of it."""
        target = change.target
        shape = SHAPES[change.operation]
        subscription = target.strip("/").split("/")[1]
        match change.operation:
            case Operation.DELETE_LOCK:
                locks = self._clients.locks(subscription).management_locks
                await locks.delete_by_scope(lock_scope(target), _last(target), **options)
            case Operation.PUT_LOCK:
                locks = self._clients.locks(subscription).management_locks
                lock: Any = _body(change)
                await locks.create_or_update_by_scope(
                    lock_scope(target), _last(target), lock, **options
                )
            case Operation.BACK_UP:
                at = ResourceId.parse(target)
                vault, fabric, container, item = at.names
                backups = self._clients.backup(subscription).backups
                request: Any = _body(change)
                await backups.trigger(vault, at.group, fabric, container, item, request, **options)
            case Operation.CANCEL_JOB:
                at = ResourceId.parse(target)
                cancel = self._clients.backup(subscription).job_cancellations
                await cancel.trigger(at.names[0], at.group, at.name, **options)
            case Operation.END_FILE_RECOVERY:
                at = ResourceId.parse(target)
                vault, fabric, container, item, point = at.names
                sessions = self._clients.backup(subscription).item_level_recovery_connections
                await sessions.revoke(vault, at.group, fabric, container, item, point, **options)
            case Operation.REFRESH_CONTAINERS:
                at = ResourceId.parse(target)
                backup = self._clients.backup(subscription)
                await discover(backup, at, shape.filter, self._poll, **options)
            case Operation.PUT_GROUP:
                groups = self._clients.resources(subscription).resource_groups
                group: Any = _body(change)
                await groups.create_or_update(_last(target), group, **options)
            case Operation.REGISTER_PROVIDER:
                providers = self._clients.resources(subscription).providers
                await providers.register(_last(target), **options)
            case Operation.WAIT_FOR_JOB | Operation.WAIT_FOR_VM | Operation.WAIT_FOR_DELETION:
                raise AzureError(f"waiting for {target} sends nothing", code="NothingToSend")
            case operation:
                options |= {"polling_interval": self._poll}
                return await self._long(operation, change, subscription, options)
        return None

    async def _long(
        self, operation: _Long, change: Change, subscription: str, options: dict[str, Any]
    ) -> Any:
        """Begin a long-running operation, or go on following one by its token."""
        shape, body = SHAPES[operation], _body(change)
        if operation is Operation.RECOVER_KEY_VAULT:
            # The pipeline repeats a PUT whose answer is bad. A recovery may be done by then.
            options["retry_total"] = 0
        if operation in (
            Operation.ADD_ACCESS_POLICY,
            Operation.PUT_ROLE_ASSIGNMENT,
            Operation.RECOVER_KEY_VAULT,
        ):
            resources: Any = self._clients.resources(subscription).resources
            return await resources.begin_create_or_update_by_id(
                change.target + shape.suffix,
                api_version=self._clients.versions[shape.api],
                parameters=body,
                **options,
            )
        if operation is Operation.UPDATE_KEY_VAULT:
            changed: Any = self._clients.resources(subscription).resources
            return await changed.begin_update_by_id(
                change.target,
                api_version=self._clients.versions[shape.api],
                parameters=body,
                **options,
            )
        at = ResourceId.parse(change.target)
        if operation is Operation.PUT_PROTECTION:
            vault, fabric, container, item = at.names
            items: Any = self._clients.backup(subscription).protected_items
            return await items.begin_create_or_update(
                vault, at.group, fabric, container, item, body, **options
            )
        options["api_version"] = self._clients.versions[shape.api]
        compute: Any = self._clients.compute(subscription)
        if operation is Operation.RUN_SCRIPT:
            machines = compute.virtual_machines
            return await machines.begin_run_command(at.group, at.name, body, **options)
        if operation is Operation.UPDATE_VM:
            machines = compute.virtual_machines
            return await machines.begin_update(at.group, at.name, body, **options)
        return await _begin(compute, operation)(at.group, *at.names, **options)


def _begin(compute: "ComputeManagementClient", operation: _Compute) -> Callable[..., Any]:
    """The method that begins a long-running operation of Compute."""
    match operation:
        case Operation.DELETE_POINT:
            return compute.restore_points.begin_delete
        case Operation.DELETE_COLLECTION:
            return compute.restore_point_collections.begin_delete
        case Operation.DELETE_EXTENSION:
            return compute.virtual_machine_extensions.begin_delete
        case Operation.REAPPLY_VM:
            return compute.virtual_machines.begin_reapply
        case Operation.RESTART_VM:
            return compute.virtual_machines.begin_restart
        case Operation.REDEPLOY_VM:
            return compute.virtual_machines.begin_redeploy
        case Operation.START_VM:
            return compute.virtual_machines.begin_start
        case Operation.POWER_OFF_VM:
            return compute.virtual_machines.begin_power_off
        case Operation.DEALLOCATE_VM:
            return compute.virtual_machines.begin_deallocate
        case Operation.REVOKE_DISK_POINT:
            return compute.disk_restore_point.begin_revoke_access


def _body(change: Change) -> bytes:
    """The plan's own bytes: the request that was shown is the request that is sent."""
    return json.dumps(change.request.body).encode()


def _last(arm_id: str) -> str:
    return arm_id.rsplit("/", 1)[-1]


def _pick(headers: dict[str, str], name: str) -> str | None:
    return next((v for k, v in headers.items() if k.lower() == name.lower()), None)


def full_url(endpoint: str, versions: Versions, operation: Operation, path: str) -> str:
    """The URL of the request, as a plan shows it."""
    shape = SHAPES[operation]
    only = f"&$filter={quote(shape.filter)}" if shape.filter else ""
    return f"{endpoint}{quote(path, safe='/;-._~')}?api-version={versions[shape.api]}{only}"
