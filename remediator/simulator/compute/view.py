"""The instance view of a VM: its power, its agent's report and its extensions."""

from datetime import datetime

from remediator.simulator import ids
from remediator.simulator.compute.state import Extension, Vm
from remediator.simulator.reply import Json
from remediator.simulator.times import whole_seconds, with_offset


def instance_view(vm: Vm, now: datetime) -> Json:
    """Build the run-time state of a VM. A VM that is off has no agent to report."""
    view: Json = {}
    changed = vm.changed or now
    if vm.power == "running" and not vm.agent_absent:
        view["vmAgent"] = _agent(vm, vm.agent_reported or now)
    if vm.power == "running" and vm.agent.well:
        windows = vm.os == "windows"
        view["computerName"] = vm.name[:15]
        view["osName"] = vm.os_name or ("Windows Server 2022 Datacenter" if windows else "ubuntu")
        view["osVersion"] = vm.os_version or ("10.0.20348.4294" if windows else "24.04")
    view["disks"] = [
        _disk(vm, name, changed) for name in (vm.os_disk, *(disk.name for disk in vm.disks))
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
    if vm.reboot_pending is not None:
        view["patchStatus"] = {
            "availablePatchSummary": {
                "status": "Succeeded",
                "assessmentActivityId": ids.guid("assessment", vm.arm_id),
                "rebootPending": vm.reboot_pending,
                "criticalAndSecurityPatchCount": 0,
                "otherPatchCount": 0,
            }
        }
    view["hyperVGeneration"] = "V2"
    if vm.busy or vm.provisioning.under_way:
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
        "displayStatus": f"VM {vm.power}",
    }
    view["statuses"] = [model, power]
    return view


def _disk(vm: Vm, name: str, when: datetime) -> Json:
    """Build a disk's part. A disk with Azure Disk Encryption tells where its keys are."""
    statuses = [_status("ProvisioningState/succeeded", "Provisioning succeeded", when)]
    if vm.encryption is None:
        return {"name": name, "statuses": statuses}
    vault = vm.encryption.vault
    url = f"https://{vault.rpartition('/')[2]}.vault.azure.net"
    settings: Json = {
        "diskEncryptionKey": {
            "secretUrl": f"{url}/secrets/{ids.guid('secret', name)}/{_version(name)}",
            "sourceVault": {"id": vault},
        },
        "enabled": True,
    }
    if vm.encryption.kek:
        settings["keyEncryptionKey"] = {
            "keyUrl": f"{url}/keys/kek/{_version(vault)}",
            "sourceVault": {"id": vault},
        }
    encrypted = _status("EncryptionState/encrypted", "Encryption is enabled on disk", when)
    return {
        "name": name,
        "encryptionSettings": [settings],
        "statuses": [*statuses, encrypted],
    }


def _version(name: str) -> str:
    return ids.guid("version", name).replace("-", "")


def _status(code: str, display: str, when: datetime, *, level: str = "Info") -> Json:
    return {
        "code": code,
        "level": level,
        "displayStatus": display,
        "time": with_offset(when),
    }


def _agent(vm: Vm, now: datetime) -> Json:
    """Build the agent's report in the recorded forms: Ready and Not Ready."""
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
        "vmAgentVersion": vm.agent_version or ("2.7.41491.1172" if windows else "2.13.1.1"),
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
