"""Bodies of Microsoft.Compute, as recorded."""

from datetime import datetime

from remediator.simulator import ids
from remediator.simulator.compute.state import (
    Collection,
    Extension,
    Operation,
    RestorePoint,
    Vm,
)
from remediator.simulator.reply import Json
from remediator.simulator.times import whole_seconds, with_offset

_POWER = {"running": "VM running", "stopped": "VM stopped", "deallocated": "VM deallocated"}
_POINT_TIME_CREATED_SINCE = "2021-07-01"


def vm(vm: Vm, now: datetime, *, with_view: bool, status_only: bool = False) -> Json:
    """Build a VM; ``status_only`` is the list form that shows little but the instance view."""
    body: Json = {
        "name": vm.name,
        "id": vm.arm_id,
        "type": "Microsoft.Compute/virtualMachines",
        "location": vm.location,
    }
    if vm.tags:
        body["tags"] = vm.tags
    properties: Json = {"vmId": ids.guid("vm", vm.arm_id)}
    if not status_only:
        properties |= _profiles(vm)
    properties["provisioningState"] = provisioning_state(vm)
    if with_view or status_only:
        properties["instanceView"] = instance_view(vm, now)
    body["properties"] = properties
    return body


def provisioning_state(vm: Vm) -> str:
    """Return the state of the VM's model: Updating while an operation changes it."""
    if vm.busy:
        return "Updating"
    return "Succeeded" if vm.provisioning.well else "Failed"


def _disk(vm: Vm) -> str:
    return f"{vm.name}_OsDisk_1_{ids.guid('disk', vm.arm_id).replace('-', '')}"


def _profiles(vm: Vm) -> Json:
    windows = vm.os == "windows"
    image = (
        {"publisher": "MicrosoftWindowsServer", "offer": "WindowsServer", "sku": "2022-datacenter"}
        if windows
        else {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server"}
    )
    guest: Json = (
        {"windowsConfiguration": {"provisionVMAgent": True, "enableAutomaticUpdates": True}}
        if windows
        else {
            "linuxConfiguration": {
                "disablePasswordAuthentication": True,
                "provisionVMAgent": True,
            }
        }
    )
    disk = ids.resource_id(vm.subscription, vm.group, "Microsoft.Compute/disks", _disk(vm))
    nic = ids.resource_id(
        vm.subscription, vm.group, "Microsoft.Network/networkInterfaces", f"{vm.name}-nic"
    )
    return {
        "hardwareProfile": {"vmSize": vm.size},
        "storageProfile": {
            "imageReference": {**image, "version": "latest"},
            "osDisk": {
                "osType": vm.os.capitalize(),
                "name": _disk(vm),
                "createOption": "FromImage",
                "caching": "ReadWrite",
                "managedDisk": {"storageAccountType": "Premium_LRS", "id": disk},
                "diskSizeGB": 127 if windows else 30,
            },
            "dataDisks": [],
        },
        "osProfile": {
            "computerName": vm.name[:15],
            "adminUsername": "azureuser",
            **guest,
            "secrets": [],
            "allowExtensionOperations": True,
            "requireGuestProvisionSignal": True,
        },
        "networkProfile": {"networkInterfaces": [{"id": nic}]},
    }


def instance_view(vm: Vm, now: datetime) -> Json:
    """Build the run-time state of a VM. A machine that is off has no agent to speak of."""
    view: Json = {}
    changed = vm.changed or now
    if vm.power == "running":
        view["vmAgent"] = _agent(vm, now)
    view["disks"] = [
        {
            "name": _disk(vm),
            "statuses": [_status("ProvisioningState/succeeded", "Provisioning succeeded", changed)],
        }
    ]
    if vm.extensions and vm.power == "running":
        view["extensions"] = [
            {
                "name": extension.name,
                "type": f"{extension.publisher}.{extension.type}",
                "typeHandlerVersion": extension.version,
                "statuses": [_extension_status(extension)],
            }
            for extension in vm.extensions
            if extension.listed
        ]
    view["hyperVGeneration"] = "V2"
    if vm.busy:
        model = _status("ProvisioningState/updating", "Updating", changed)
    elif vm.provisioning.well:
        model = _status("ProvisioningState/succeeded", "Provisioning succeeded", changed)
    else:
        model = _status("ProvisioningState/failed", "Provisioning failed", changed, level="Error")
        if vm.provisioning.message:
            model["message"] = vm.provisioning.message
    power: Json = {
        "code": f"PowerState/{vm.power}",
        "level": "Info",
        "displayStatus": _POWER[vm.power],
    }
    view["statuses"] = [model, power]
    return view


def _status(code: str, display: str, when: datetime, *, level: str = "Info") -> Json:
    return {
        "code": code,
        "level": level,
        "displayStatus": display,
        "time": with_offset(when),
    }


def _agent(vm: Vm, now: datetime) -> Json:
    """Build the agent's report: the Ready and Not Ready forms that were recorded."""
    if not vm.agent.well:
        return {
            "vmAgentVersion": "Unknown",
            "statuses": [
                {
                    "code": "ProvisioningState/Unavailable",
                    "level": "Warning",
                    "displayStatus": "Not Ready",
                    "message": vm.agent.message or "VM status blob is found but not yet populated.",
                    "time": whole_seconds(now),
                }
            ],
        }
    windows = vm.os == "windows"
    return {
        "vmAgentVersion": "2.7.41491.1172" if windows else "2.13.1.1",
        "statuses": [
            {
                "code": "ProvisioningState/succeeded",
                "level": "Info",
                "displayStatus": "Ready",
                "message": vm.agent.message
                or (
                    "GuestAgent is running and processing the extensions."
                    if windows
                    else "Guest Agent is running"
                ),
                "time": whole_seconds(now),
            }
        ],
        "extensionHandlers": [
            {
                "type": f"{extension.publisher}.{extension.type}",
                "typeHandlerVersion": extension.version,
                "status": _handler_status(extension),
            }
            for extension in vm.extensions
        ],
    }


def _handler_status(extension: Extension) -> Json:
    if extension.state == "Succeeded":
        return {
            "code": "ProvisioningState/succeeded",
            "level": "Info",
            "displayStatus": "Ready",
            "message": "Plugin enabled",
        }
    return {
        "code": "ProvisioningState/failed",
        "level": "Error",
        "displayStatus": "NotReady",
        "message": extension.message or "The plugin did not report a result.",
    }


def _extension_status(extension: Extension) -> Json:
    if extension.state == "Succeeded":
        return {
            "code": "ProvisioningState/succeeded",
            "level": "Info",
            "displayStatus": "Provisioning succeeded",
        }
    deleting = extension.state == "Deleting"
    return {
        "code": f"ProvisioningState/{extension.state.lower()}",
        "level": "Info" if deleting else "Error",
        "displayStatus": "Deleting" if deleting else "Provisioning failed",
        "message": extension.message or "The extension did not report a result.",
    }


def extension(vm: Vm, extension: Extension) -> Json:
    """Build an extension."""
    return {
        "name": extension.name,
        "id": f"{vm.arm_id}/extensions/{extension.name}",
        "type": "Microsoft.Compute/virtualMachines/extensions",
        "location": vm.location,
        "properties": {
            "autoUpgradeMinorVersion": True,
            "provisioningState": extension.state,
            "publisher": extension.publisher,
            "type": extension.type,
            "typeHandlerVersion": extension.version,
            "settings": {},
        },
    }


def collection(
    collection: Collection, *, upper_case: bool = False, points: list[Json] | None = None
) -> Json:
    """Build a collection. The subscription-wide list writes the group in upper case."""
    arm_id = collection.arm_id
    if upper_case:
        arm_id = arm_id.replace(
            f"/resourceGroups/{collection.group}/", f"/resourceGroups/{collection.group.upper()}/"
        )
    properties: Json = {
        "source": {"location": collection.location, "id": collection.source},
        "restorePointCollectionId": ids.guid("collection", collection.arm_id),
        "provisioningState": "Deleting" if collection.deleting else "Succeeded",
    }
    if points is not None:
        properties["restorePoints"] = points
    return {
        "name": collection.name,
        "id": arm_id,
        "type": "Microsoft.Compute/restorePointCollections",
        "location": collection.location,
        "properties": properties,
    }


def restore_point(
    collection: Collection, point: RestorePoint, vm: Vm | None, api_version: str
) -> Json:
    """Build a restore point. Its time moved between api-versions."""
    metadata: Json = {"location": collection.location}
    if vm is not None:
        profiles = _profiles(vm)
        disk = dict(profiles["storageProfile"]["osDisk"])
        disk.pop("createOption")
        disk["diskRestorePoint"] = {
            "id": f"{collection.arm_id}/restorePoints/{point.name}/diskRestorePoints/{disk['name']}"
        }
        metadata |= {
            "hardwareProfile": profiles["hardwareProfile"],
            "storageProfile": {"osDisk": disk, "dataDisks": []},
            "osProfile": profiles["osProfile"],
            "vmId": ids.guid("vm", vm.arm_id),
        }
    properties: Json = {
        "sourceMetadata": metadata,
        "provisioningState": "Deleting" if point.deleting else "Succeeded",
        "consistencyMode": point.consistency,
    }
    if api_version >= _POINT_TIME_CREATED_SINCE:
        properties["timeCreated"] = with_offset(point.created)
    else:
        properties["provisioningDetails"] = {"creationTime": with_offset(point.created)}
    return {
        "name": point.name,
        "id": f"{collection.arm_id}/restorePoints/{point.name}",
        "type": "Microsoft.Compute/restorePointCollections/restorePoints",
        "properties": properties,
    }


def operation(operation: Operation) -> Json:
    """Build the status of a long-running operation."""
    body: Json = {"startTime": with_offset(operation.started)}
    if operation.ended:
        body["endTime"] = with_offset(operation.ended)
    body |= {"status": operation.status, "name": operation.id}
    if operation.error:
        body["error"] = operation.error
    return body
