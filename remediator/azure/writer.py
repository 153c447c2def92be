"""The Writer: carries out one change at a time through the management clients."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from azure.core.exceptions import AzureError as SdkError
from azure.core.exceptions import DecodeError
from azure.core.polling.base_polling import BadResponse, BadStatus

from remediator.azure.discovery import discover
from remediator.azure.errors import explain
from remediator.azure.retry import retry_after
from remediator.azure.sdk import SdkClients
from remediator.azure.versions import Versions
from remediator.errors import AzureError
from remediator.ids import ResourceId, lock_scope
from remediator.operations import SHAPES, Operation
from remediator.reading import Api
from remediator.step import Change
from remediator.writing import Receipt

if TYPE_CHECKING:
    from azure.mgmt.compute.aio import ComputeManagementClient


class ArmWriter:
    """Sends changes; long-running operations are followed by the SDK's pollers."""

    def __init__(self, clients: SdkClients, poll: float) -> None:
        self._clients = clients
        self._poll = poll

    async def send(self, change: Change) -> Receipt:
        """Carry a change out and wait for its operation to end."""
        headers: dict[str, str] = {}
        status, output = 0, ""

        def note(pipeline_response: Any) -> None:
            nonlocal status
            response = pipeline_response.http_response
            if response.request.method == change.request.method:
                status = response.status_code
                headers.update(response.headers)

        try:
            output = await self._operation(change, note)
        except SdkError as error:
            told = explain(error, f"{change.request.method} {change.target}", sent=True)
            unread = isinstance(error, DecodeError) or isinstance(
                error.inner_exception, BadResponse | BadStatus
            )
            if (told.arrived is False or unread) and 200 <= status < 300:
                # Accepted: what was refused, or not understood, is only a look at its operation.
                told.arrived = None
            raise told from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            if not status:
                raise  # nothing was answered: it is a mistake of ours
            # The SDK takes a body for what the API documents, without looking.
            raise AzureError(
                f"the answer to {change.request.method} {change.target} cannot be read",
                code="UnreadableAnswer",
                status=status,
                arrived=None,
            ) from error
        return Receipt(
            status=status,
            correlation_id=_pick(headers, "x-ms-correlation-request-id"),
            operation_url=_pick(headers, "Azure-AsyncOperation"),
            retry_after=retry_after(headers),
            output=output,
        )

    async def _operation(self, change: Change, note: Callable[[Any], None]) -> str:
        """Send it; what a command in the guest answered, empty for everything else."""
        target = change.target
        subscription = target.strip("/").split("/")[1]
        options: dict[str, Any] = {"raw_response_hook": note}
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
            case Operation.PUT_PROTECTION:
                at = ResourceId.parse(target)
                vault, fabric, container, item = at.names
                items = self._clients.backup(subscription).protected_items
                wanted: Any = _body(change)
                put = await items.begin_create_or_update(
                    vault, at.group, fabric, container, item, wanted, **self._polled(options)
                )
                await put.result()
            case Operation.REFRESH_CONTAINERS:
                at = ResourceId.parse(target)
                only = SHAPES[change.operation].filter
                backup = self._clients.backup(subscription)
                await discover(backup, at, only, self._poll, **options)
            case Operation.PUT_GROUP:
                groups = self._clients.resources(subscription).resource_groups
                group: Any = _body(change)
                await groups.create_or_update(_last(target), group, **options)
            case Operation.ADD_ACCESS_POLICY | Operation.PUT_ROLE_ASSIGNMENT:
                shape = SHAPES[change.operation]
                resources = self._clients.resources(subscription).resources
                resource: Any = _body(change)
                begun = await resources.begin_create_or_update_by_id(
                    target + shape.suffix,
                    api_version=self._clients.versions[shape.api],
                    parameters=resource,
                    **self._polled(options),
                )
                await begun.result()
            case Operation.RUN_SCRIPT:
                at = ResourceId.parse(target)
                script: Any = _body(change)
                options["api_version"] = self._clients.versions[Api.COMPUTE]
                machines = self._clients.compute(subscription).virtual_machines
                ran = await machines.begin_run_command(
                    at.group, at.name, script, **self._polled(options)
                )
                return "\n".join(row.message or "" for row in (await ran.result()).value or ())
            case Operation.WAIT_FOR_JOB | Operation.WAIT_FOR_VM | Operation.WAIT_FOR_DELETION:
                raise AzureError(f"waiting for {target} sends nothing", code="NothingToSend")
            case operation:
                at = ResourceId.parse(target)
                options["api_version"] = self._clients.versions[SHAPES[operation].api]
                begin = _begin(self._clients.compute(subscription), operation)
                poller = await begin(at.group, *at.names, **self._polled(options))
                await poller.result()
        return ""

    def _polled(self, options: dict[str, Any]) -> dict[str, Any]:
        return options | {"polling_interval": self._poll}


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
    """The plan's own bytes: what was shown is what is sent."""
    return json.dumps(change.request.body).encode()


def _last(arm_id: str) -> str:
    return arm_id.rsplit("/", 1)[-1]


def _pick(headers: dict[str, str], name: str) -> str | None:
    return next((v for k, v in headers.items() if k.lower() == name.lower()), None)


def full_url(endpoint: str, versions: Versions, operation: Operation, path: str) -> str:
    """The request's URL as a plan shows it."""
    shape = SHAPES[operation]
    only = f"&$filter={quote(shape.filter)}" if shape.filter else ""
    return f"{endpoint}{quote(path, safe='/;-._~')}?api-version={versions[shape.api]}{only}"
