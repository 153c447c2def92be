"""Bodies of Microsoft.Compute, as recorded."""

from datetime import datetime

from remediator.simulator import ids
from remediator.simulator.compute.state import (
    Collection,
    Disk,
    Extension,
    Operation,
    RestorePoint,
    Vm,
)
from remediator.simulator.compute.view import instance_view
from remediator.simulator.reply import Json
from remediator.simulator.times import with_offset

_POINT_TIME_CREATED_SINCE = "2021-07-01"
_BY_IMAGE = "ImageDefault"
"""The patch mode of a VM whose maker gave none (recorded at 2021-03-01)."""


def vm(
    vm: Vm, now: datetime, *, with_view: bool, in_list: bool = False, status_only: bool = False
) -> Json:
    """Build a VM. ``status_only`` is the list form that shows little but the instance view."""
    body: Json = {
        "name": vm.name,
        "id": vm.arm_id,
        "type": "Microsoft.Compute/virtualMachines",
        "location": vm.location,
    }
    if vm.plan:
        body["plan"] = dict(zip(("publisher", "product", "name"), vm.plan, strict=True))
    if vm.tags:
        body["tags"] = vm.tags
    properties: Json = {"vmId": vm.vm_id}
    if vm.security_type and not status_only:
        properties["securityProfile"] = {"securityType": vm.security_type}
    if not status_only:
        properties |= _profiles(vm)
    properties["provisioningState"] = provisioning_state(vm)
    if with_view or status_only:
        properties["instanceView"] = instance_view(vm, now)
    body["properties"] = properties
    listed = [extension(vm, one) for one in vm.extensions if one.listed]
    if listed and not status_only:
        # The VM's extensions: in full for a single VM, only their ids in a list of VMs.
        body["resources"] = [{"id": one["id"]} for one in listed] if in_list else listed
    return body


def provisioning_state(vm: Vm) -> str:
    """Return the state of the VM's model. It is Updating while an operation changes it."""
    if vm.busy or vm.provisioning.under_way:
        return "Updating"
    return "Succeeded" if vm.provisioning.well else "Failed"


def _profiles(vm: Vm) -> Json:
    windows = vm.os == "windows"
    disk = ids.resource_id(vm.subscription, vm.group, "Microsoft.Compute/disks", vm.os_disk)
    nic = ids.resource_id(
        vm.subscription, vm.group, "Microsoft.Network/networkInterfaces", f"{vm.name}-nic"
    )
    return {
        "hardwareProfile": {"vmSize": vm.size},
        "storageProfile": {
            "imageReference": _image(vm),
            "osDisk": {
                "osType": vm.os.capitalize(),
                "name": vm.os_disk,
                "createOption": "FromImage",
                **_placed(vm),
                **_stored(vm, vm.os_disk, {"storageAccountType": "Premium_LRS", "id": disk}),
                "diskSizeGB": 127 if windows else 30,
            },
            "dataDisks": [data_disk(vm, each) for each in vm.disks],
        },
        "osProfile": {
            "computerName": vm.name[:15],
            "adminUsername": "azureuser",
            **_guest(vm),
            "secrets": [],
            "allowExtensionOperations": vm.allow_extensions,
            "requireGuestProvisionSignal": True,
        },
        "networkProfile": {"networkInterfaces": [{"id": nic}]},
    }


def _image(vm: Vm) -> Json:
    return (
        {
            "publisher": "MicrosoftWindowsServer",
            "offer": "WindowsServer",
            "sku": "2022-datacenter",
            "version": "latest",
            "exactVersion": "20348.4294.251010",
        }
        if vm.os == "windows"
        else {
            "publisher": "Canonical",
            "offer": "ubuntu-24_04-lts",
            "sku": "server",
            "version": "latest",
            "exactVersion": "24.04.202510010",
        }
    )


def _guest(vm: Vm) -> Json:
    return (
        {
            "windowsConfiguration": {
                "provisionVMAgent": vm.provision_agent,
                "enableAutomaticUpdates": True,
                "patchSettings": {"patchMode": "AutomaticByOS", "assessmentMode": _BY_IMAGE},
            }
        }
        if vm.os == "windows"
        else {
            "linuxConfiguration": {
                "disablePasswordAuthentication": True,
                "provisionVMAgent": vm.provision_agent,
                "patchSettings": {"patchMode": _BY_IMAGE, "assessmentMode": _BY_IMAGE},
            }
        }
    )


def _placed(vm: Vm) -> Json:
    """Build what tells an ephemeral system disk from others (specification: DiffDiskSettings)."""
    if not vm.ephemeral:
        return {"caching": "ReadWrite"}
    return {
        "caching": "ReadOnly",
        "diffDiskSettings": {"option": "Local", "placement": "CacheDisk"},
    }


def _stored(vm: Vm, name: str, managed: Json) -> Json:
    """Build the place of a disk: a managed disk, or a blob of a storage account."""
    if vm.unmanaged_in is None:
        return {"managedDisk": managed}
    account = vm.unmanaged_in.rpartition("/")[2]
    return {"vhd": {"uri": f"https://{account}.blob.core.windows.net/vhds/{name}.vhd"}}


def data_disk(vm: Vm, disk: Disk) -> Json:
    """Build a data disk as the VM's storage profile shows it."""
    body: Json = {
        "lun": disk.lun,
        "name": disk.name,
        "createOption": "Attach",
        "caching": "None",
        "writeAcceleratorEnabled": disk.write_accelerator,
        **_stored(
            vm,
            disk.name,
            {
                "storageAccountType": disk.sku,
                "id": ids.resource_id(
                    vm.subscription, vm.group, "Microsoft.Compute/disks", disk.name
                ),
            },
        ),
        "diskSizeGB": disk.size_gb,
        "toBeDetached": False,
    }
    return body


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
    """Build a collection. The list of a subscription spells the group in upper case."""
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
    """Build a restore point. Its time is at another place in older api-versions."""
    metadata: Json = {
        "location": collection.location,
        "vmId": ids.guid("vm", collection.source),
    }
    if vm is not None:
        profiles = _profiles(vm)
        storage = profiles["storageProfile"]
        disks = [dict(each) for each in (storage["osDisk"], *storage["dataDisks"])]
        for disk in disks:
            for of_the_vm_alone in (
                "createOption",
                "toBeDetached",
                "vhd",
                "writeAcceleratorEnabled",
            ):
                disk.pop(of_the_vm_alone, None)
            tail = f"{point.name}/diskRestorePoints/{disk['name']}"
            disk["diskRestorePoint"] = {"id": f"{collection.arm_id}/restorePoints/{tail}"}
        metadata |= {
            "hardwareProfile": profiles["hardwareProfile"],
            "storageProfile": {"osDisk": disks[0], "dataDisks": disks[1:]},
            "osProfile": profiles["osProfile"],
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
    elif operation.ended and operation.output:
        body["properties"] = {"output": operation.output}
    return body
