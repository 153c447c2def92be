"""The scrubbing leaves no name, id, address or secret, wherever an answer has it."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remediator.recording.pair import Pair, to_lines
from remediator.recording.scrub import scrub

ARM = "https://arm.corp.example"
SUBSCRIPTION = "7d3f0c4e-9a1b-4c55-8f0e-2b6a51c9d001"
GROUP = "rg-Fabrikam-Prod"
VM = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Compute/virtualMachines/fabVM07"
JOB = "0c1d2e3f-1111-4222-8333-abcdefabcdef"
VAULT = f"/Subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.RecoveryServices/vaults/fabVault"
TENANT = "5b7a1f0e-0000-4a4a-9b9b-1234567890ab"
KEY = "A" * 43 + "b" * 43 + "=="
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzZWNyZXQiOiJmYWIifQ.c2lnbmVk"
ERROR = (
    f"The VM 'fabVM07' in FABVAULT is locked by Carol.Jones@fabrikam.example (object {TENANT}) at "
    f"10.20.30.40, host db7.fabrikam.internal, file C:\\Users\\carol\\x.vhd, /home/carol/x. Disk fabVM07_OsDisk_1_abc. "
    f"https://fabstore.blob.core.windows.net/v/d.vhd?sv=1&sig=SiGnAtUrE%3D AccountKey={KEY}; Bearer {TOKEN} "
    "owner FABRIKAM\\carol. Please retry the operation."
)


def pair(body: Any, uri: str = f"{ARM}{VM}?api-version=2024-11-01", **headers: str) -> Pair:
    said = {"date": "Sat, 28 Nov 2026 09:20:05 GMT"} | {
        n.replace("_", "-"): v for n, v in headers.items()
    }
    return Pair(method="GET", uri=uri, status=200, headers=said, body=body)


MACHINE = {
    "id": VM,
    "name": "fabVM07",
    "location": "westeurope",
    "tags": {"Owner": "Carol Jones", "fab-cost": "CC-77123", "hidden-link:/x": "Carol"},
    "identity": {
        "principalId": TENANT,
        "userAssignedIdentities": {f"{VM}/carolsId": {"clientId": TENANT}},
    },
    "plan": {"name": "fabplan", "publisher": "fabpub", "product": "fabprod"},
    "properties": {
        "vmId": TENANT,
        "provisioningState": "Succeeded",
        "osProfile": {
            "computerName": "FABVM07",
            "adminUsername": "carolj",
            "customData": "cGFzc3dvcmQ6IGNhcm9s",
            "linuxConfiguration": {
                "ssh": {
                    "publicKeys": [{"path": "/home/carolj/.ssh/x", "keyData": "ssh-rsa AAAAcarol"}]
                }
            },
            "secrets": [
                {
                    "vaultCertificates": [
                        {"certificateUrl": "https://fabkv.vault.azure.net/secrets/fabcert/1"}
                    ]
                }
            ],
        },
        "storageProfile": {
            "osDisk": {
                "name": "fabVM07_OsDisk_1_0f",
                "managedDisk": {"id": f"{VM.rsplit('/', 2)[0]}/disks/fabdisk-x"},
            },
            "dataDisks": [
                {"lun": 0, "vhd": {"uri": "https://fabstore.blob.core.windows.net/v/d.vhd"}}
            ],
        },
        "instanceView": {
            "vmAgent": {
                "vmAgentVersion": "2.7.41491.1100",
                "statuses": [
                    {
                        "code": "ProvisioningState/succeeded",
                        "displayStatus": "Ready",
                        "message": "GuestAgent is running on fabVM07.",
                    }
                ],
            },
            "extensions": [
                {
                    "name": "carolsScript",
                    "type": "Microsoft.Compute.CustomScriptExtension",
                    "statuses": [
                        {
                            "code": "ProvisioningState/succeeded",
                            "message": "stdout: carolpassword hunter2",
                        }
                    ],
                },
            ],
            "bootDiagnostics": {
                "consoleScreenshotBlobUri": "https://fabdiag.blob.core.windows.net/a/b.bmp?sig=SiGnAtUrE"
            },
        },
        "settings": {"workspaceId": TENANT, "fabsetting": {"deep": ["carolsecret", 424242]}},
        "unheardOf": "fabrikam-unheard",
        "unheardOfList": ["Carol Unheard", {"another": "fab_other-1", "fabvm07": 1}],
        "connection": f"DefaultEndpointsProtocol=https;AccountName=fabstore;AccountKey={KEY}",
        "fqdn": "fabvm07.westeurope.cloudapp.azure.com",
        "privateIPAddress": "10.20.30.40",
        "addressPrefix": "10.20.30.0/24",
        "v6": "fd12:3456:789a::17",
    },
    "systemData": {"createdBy": "carol.jones@fabrikam.example", "createdByType": "User"},
}
JOB_BODY = {
    "id": f"{VAULT}/backupJobs/{JOB}",
    "name": JOB,
    "properties": {
        "jobType": "AzureIaaSVMJob",
        "status": "Failed",
        "operation": "Backup",
        "entityFriendlyName": "fabVM07",
        "containerName": f"iaasvmcontainerv2;{GROUP.lower()};fabvm07",
        "errorDetails": [{"errorCode": 400001, "errorTitle": "UserErrorNeverHeardOf", "errorString": ERROR, "recommendations": [ERROR]}],
        "extendedInfo": {"propertyBag": {"VM Name": "fabVM07", "Recovery Point Expiry Time in UTC": "8/16/2026 8:03:31 AM", "VM Subscription ID": SUBSCRIPTION}, "dynamicErrorMessage": ERROR},
    },
}  # fmt: skip
LOCKS = {
    "value": [
        {
            "id": f"{VM}/providers/Microsoft.Authorization/locks/carols lock",
            "name": "carols lock",
            "properties": {"level": "ReadOnly", "notes": "ask carol, pw hunter2"},
        }
    ],
    "nextLink": f"{ARM}{VM}?$skipToken=c2VjcmV0LXBhZ2U&api-version=1",
}
PAIRS = (
    pair(JOB_BODY, f"{ARM}{VAULT}/backupJobs/{JOB}?api-version=2024-10-01&t=1&c=MIIsecretC&s=sEcS&h=hEcH"),
    pair(MACHINE, x_ms_request_id=TENANT, set_cookie="carol=1", x_fabrikam_proxy="fabproxy", x_powered_by="fabproxy", location=f"{ARM}{VM}/x?t=1&c=MIIsecretC&s=sEcS&h=hEcH", server="fabproxy/1"),
    pair(LOCKS, f"{ARM}{VM}/providers/Microsoft.Authorization/locks?$filter=displayName%20eq%20'carol'"),
    pair({"error": {"code": "AuthorizationFailed", "message": f"The client 'carol.jones@fabrikam.example' with object id '{TENANT}' does not have authorization over scope '{VM}'."}}),
    pair({"__text__": "<html>fabproxy says no to carol</html>"}),
    pair({"value": [{"properties": {"displayName": "Carols policy", "policyRule": {"if": {"field": "tags['fab-cost']", "equals": "CC-77123"}, "then": {"effect": "deny", "details": {"x": "carolx"}}}, "parameters": {"carolParam": {"defaultValue": "CC-77123"}}}}]}),
)  # fmt: skip
SECRET = (
    "fab", "carol", "hunter2", "cc-77123", "7d3f0c4e", "5b7a1f0e", "0c1d2e3f", "10.20.30", "3456:789a",
    "signature", KEY.lower()[:20], "eyjhbgci", "ssh-rsa", "misecretc", "miisecretc", "secs", "hech", "c2vjcmv0",
    "cgfzc3dv", "424242", "corp.example", "heard-", "unheard\"", "jones",
)  # fmt: skip


def test_hostile_answers_leave_nothing() -> None:
    text = to_lines(scrub(PAIRS, ARM)).lower()
    found = {
        word: text[max(0, text.find(word) - 60) : text.find(word) + 40]
        for word in SECRET
        if word in text
    }
    assert found == {}


def test_texts_of_the_api_stay() -> None:
    job, machine, locks, refused, text, policy = scrub(PAIRS, ARM)
    error = job.body["properties"]["errorDetails"][0]
    assert error["errorTitle"] == "UserErrorNeverHeardOf"
    assert error["errorCode"] == 400001
    assert error["errorString"].endswith("Please retry the operation.")
    assert job.body["id"].startswith("/Subscriptions/00000000-")
    bag = job.body["properties"]["extendedInfo"]["propertyBag"]
    assert bag["Recovery Point Expiry Time in UTC"] == "8/16/2026 8:03:31 AM"
    assert (
        bag["VM Subscription ID"]
        == job.body["id"].split("/")[2]
        == machine.body["id"].split("/")[2]
    )
    _, group, vm = job.body["properties"]["containerName"].split(";")
    assert machine.body["id"].split("/")[4].lower() == group
    assert machine.body["name"].lower() == vm
    assert machine.body["properties"]["osProfile"]["computerName"] == vm.upper()
    view = machine.body["properties"]["instanceView"]
    assert view["vmAgent"]["vmAgentVersion"] == "2.7.41491.1100"
    assert (
        view["vmAgent"]["statuses"][0]["message"] == f"GuestAgent is running on {vm.capitalize()}."
    )
    assert locks.body["value"][0]["properties"]["level"] == "ReadOnly"
    assert locks.body["nextLink"].startswith("https://management.azure.com/subscriptions/")
    assert refused.body["error"]["code"] == "AuthorizationFailed"
    assert "does not have authorization over scope" in refused.body["error"]["message"]
    assert "characters that are not JSON" in text.body["__text__"]
    properties = policy.body["value"][0]["properties"]
    [tag] = [
        name
        for name in machine.body["tags"]
        if f"tags['{name}']" == properties["policyRule"]["if"]["field"]
    ]
    assert machine.body["tags"][tag] == properties["policyRule"]["if"]["equals"]
    assert set(machine.headers) == {"date", "x-ms-request-id", "location"}


NAME = st.from_regex(r"[a-z]{2,5}[0-9]{2,4}-[a-z]{3,8}", fullmatch=True)


@settings(max_examples=60, deadline=None)
@given(
    vm=NAME,
    group=NAME,
    lock=NAME,
    upper=st.booleans(),
    around=st.sampled_from(["'{}'", "{}", "({})", '"{}",', "x:{}."]),
)
def test_a_name_of_any_form_is_replaced_alike_everywhere(
    vm: str, group: str, lock: str, upper: bool, around: str
) -> None:
    arm_id = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group.upper() if upper else group}/providers/Microsoft.Compute/virtualMachines/{vm}"
    message = f"Cannot find {around.format(vm)} and {around.format(lock.upper())} there."
    pairs = (
        pair({"error": {"code": "ResourceNotFound", "message": message}}, f"{ARM}{arm_id}"),
        pair(
            {
                "value": [
                    {"id": f"{arm_id}/providers/Microsoft.Authorization/locks/{lock}", "name": lock}
                ]
            }
        ),
        pair({"properties": {"containerName": f"iaasvmcontainerv2;{group};{vm}"}}),
    )
    text = to_lines(scrub(pairs, ARM)).lower()
    assert [word for word in (vm, group, lock) if word in text] == []
    told, listed, container = scrub(pairs, ARM)
    _, new_group, new_vm = container.body["properties"]["containerName"].split(";")
    row = listed.body["value"][0]
    assert row["id"].split("/")[4].lower() == new_group
    assert row["id"].split("/")[8] == new_vm
    assert row["id"].split("/")[-1] == row["name"]
    assert around.format(new_vm) in told.body["error"]["message"]
    assert around.format(row["name"].upper()) in told.body["error"]["message"]


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False)
        | st.text(max_size=30),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
        ),
        max_leaves=20,
    )
)
def test_any_json_is_scrubbed_to_json_of_the_same_shape(body: Any) -> None:
    [done] = scrub((pair(body),), ARM)
    json.dumps(done.body)
    if isinstance(body, list):
        assert len(done.body) == len(body)


@pytest.mark.parametrize(
    "uri", ["http://[broken", "not a url", "https://x/%zz?%zz=1", f"{ARM}//a//b"]
)
def test_any_address_is_scrubbed(uri: str) -> None:
    [done] = scrub((pair({"nextLink": uri}, uri),), ARM)
    assert done.status == 200
