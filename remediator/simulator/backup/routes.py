"""The reading side of the backup service."""

from datetime import datetime

from remediator.simulator import ids
from remediator.simulator.backup import filters, item_wire, job_wire, wire
from remediator.simulator.backup.forms import form_of
from remediator.simulator.backup.lookup import absent, item_of, job_of, jobs_of, point_of, vault_of
from remediator.simulator.backup.state import Item, Job
from remediator.simulator.paging import page
from remediator.simulator.reply import Json, Reply
from remediator.simulator.routing import Call, Route
from remediator.simulator.times import clock_literal

VAULTS = (
    "/subscriptions/{subscription}/resourceGroups/{group}"
    "/providers/Microsoft.RecoveryServices/vaults"
)
VAULT = VAULTS + "/{vault}"
CONTAINER = VAULT + "/backupFabrics/Azure/protectionContainers/{container}"
ITEM = CONTAINER + "/protectedItems/{item}"
READ = "Microsoft.RecoveryServices/vaults"

_JOB_FILTERS = {
    "status", "operation", "backupManagementType", "startTime", "endTime", "jobId", "entityType",
}  # fmt: skip
_ITEM_FILTERS = {
    "backupManagementType", "itemType", "friendlyName", "containerName", "policyName",
    "healthState", "fabricName",
}  # fmt: skip


def _list_vaults(call: Call) -> Reply:
    vaults = call.world.vaults_in(call.subscription, call.params.get("group"))
    return page(call, vaults, wire.vault)


def _get_vault(call: Call) -> Reply:
    return Reply(200, wire.vault(vault_of(call)))


def _list_jobs(call: Call) -> Reply:
    terms = filters.parse(call.query.get("$filter", ""), _JOB_FILTERS)
    jobs = [job for job in jobs_of(call, vault_of(call)) if _job_matches(job, terms)]
    form = form_of(call)
    return page(call, jobs, lambda job: job_wire.job(job, call.world.now, form, details=False))


def _job_matches(job: Job, terms: dict[str, str]) -> bool:
    management = "AzureWorkload" if job.type == "AzureWorkloadJob" else "AzureIaasVM"
    actual = {
        "status": job.status,
        "operation": job.operation,
        "backupmanagementtype": management,
        "jobid": job.name,
    }
    if any(not ids.same(value, terms.get(name, value)) for name, value in actual.items()):
        return False
    if "starttime" in terms and job.started < _instant(terms["starttime"]):
        return False
    return not ("endtime" in terms and job.started > _instant(terms["endtime"]))


def _instant(text: str) -> datetime:
    try:
        return clock_literal(text)
    except ValueError as error:
        raise filters.bad_filter() from error


def _get_job(call: Call) -> Reply:
    job = job_of(call)
    return Reply(200, job_wire.job(job, call.world.now, form_of(call), details=True))


def _list_items(call: Call) -> Reply:
    vault = vault_of(call)
    terms = filters.parse(call.query.get("$filter", ""), _ITEM_FILTERS)
    found: list[Item] = []
    for item in call.world.items.having("vault", vault):
        actual = {
            "backupmanagementtype": "AzureIaasVM",
            "itemtype": "VM",
            "friendlyname": item.vm,
            "containername": item.native_name,
            "policyname": item.policy.name,
        }
        if all(ids.same(value, terms.get(name, value)) for name, value in actual.items()):
            found.append(item)
    form = form_of(call)
    return page(call, found, lambda item: item_wire.item(item, form))


def _get_item(call: Call) -> Reply:
    extended = "extendedinfo" in call.query.get("$filter", "").lower()
    return Reply(200, item_wire.item(item_of(call), form_of(call), extended=extended))


def _list_points(call: Call) -> Reply:
    item = item_of(call)
    terms = filters.parse(call.query.get("$filter", ""), {"startDate", "endDate"})
    points = sorted(item.points, key=lambda point: point.when, reverse=True)
    if "startdate" in terms:
        points = [point for point in points if point.when >= _instant(terms["startdate"])]
    if "enddate" in terms:
        points = [point for point in points if point.when <= _instant(terms["enddate"])]
    form = form_of(call)
    return page(call, points, lambda point: item_wire.recovery_point(item, point, form))


def _get_point(call: Call) -> Reply:
    item = item_of(call)
    return Reply(200, item_wire.recovery_point(item, point_of(call, item), form_of(call)))


def _list_containers(call: Call) -> Reply:
    vault = vault_of(call)
    allowed = {"backupManagementType", "status", "friendlyName"}
    terms = filters.parse(call.query.get("$filter", ""), allowed)
    found = [
        item
        for item in call.world.items.having("vault", vault)
        if ids.same(terms.get("friendlyname", item.vm), item.vm)
    ]
    form = form_of(call)
    return page(call, found, lambda item: wire.container(item, form))


def _list_policies(call: Call) -> Reply:
    vault = vault_of(call)
    return page(call, [_policy(call, policy.name) for policy in vault.policies])


def _get_policy(call: Call) -> Reply:
    return Reply(200, _policy(call, call.params["policy"]))


def _policy(call: Call, name: str) -> Json:
    vault = vault_of(call)
    policy = vault.policy(name)
    if policy is None:
        raise absent(call, "BMSUserErrorPolicyNotFound", f"Policy {name} not found")
    items = sum(1 for item in call.world.items.having("vault", vault) if item.policy is policy)
    return wire.policy(policy, items, call.world.now, form_of(call))


def _backup_status(call: Call) -> Reply:
    """Tell which vault protects a VM. It is a POST, but it only reads."""
    wanted = str((call.body or {}).get("resourceId", ""))
    items = call.world.items_of(wanted)
    if not items:
        return Reply(
            200,
            {
                "protectionStatus": "NotProtected",
                "vaultId": "",
                "fabricName": "Azure",
                "containerName": "",
                "protectedItemName": "",
                "errorCode": "Success",
                "errorMessage": "",
                "policyName": "",
                "registrationStatus": "",
            },
        )
    item = next((each for each in items if each.state != "ProtectionStopped"), items[0])
    return Reply(
        200,
        {
            "protectionStatus": "Protected",
            "vaultId": item.vault.arm_id,
            "fabricName": "Azure",
            "containerName": f"iaasvmcontainer;{item.native_name}",
            "protectedItemName": f"vm;{item.native_name}",
            "errorCode": "Success",
            "errorMessage": "",
            "policyName": item.policy.name,
            "registrationStatus": "",
        },
    )


_SUBSCRIPTION_VAULTS = "/subscriptions/{subscription}/providers/Microsoft.RecoveryServices/vaults"
_STATUS = (
    "/subscriptions/{subscription}/providers/Microsoft.RecoveryServices"
    "/locations/{location}/backupStatus"
)

ROUTES = [
    Route("GET", _SUBSCRIPTION_VAULTS, f"{READ}/read", _list_vaults),
    Route("GET", VAULTS, f"{READ}/read", _list_vaults),
    Route("GET", VAULT, f"{READ}/read", _get_vault),
    Route("GET", f"{VAULT}/backupJobs", f"{READ}/backupJobs/read", _list_jobs),
    Route("GET", VAULT + "/backupJobs/{job}", f"{READ}/backupJobs/read", _get_job),
    Route("GET", f"{VAULT}/backupProtectedItems", f"{READ}/backupProtectedItems/read", _list_items),
    Route(
        "GET",
        f"{VAULT}/backupProtectionContainers",
        f"{READ}/backupProtectionContainers/read",
        _list_containers,
    ),
    Route("GET", f"{VAULT}/backupPolicies", f"{READ}/backupPolicies/read", _list_policies),
    Route("GET", VAULT + "/backupPolicies/{policy}", f"{READ}/backupPolicies/read", _get_policy),
    Route("GET", ITEM, f"{READ}/backupFabrics/protectionContainers/protectedItems/read", _get_item),
    Route(
        "GET",
        f"{ITEM}/recoveryPoints",
        f"{READ}/backupFabrics/protectionContainers/protectedItems/recoveryPoints/read",
        _list_points,
    ),
    Route(
        "GET",
        ITEM + "/recoveryPoints/{point}",
        f"{READ}/backupFabrics/protectionContainers/protectedItems/recoveryPoints/read",
        _get_point,
    ),
    Route(
        "POST",
        _STATUS,
        "Microsoft.RecoveryServices/locations/backupStatus/action",
        _backup_status,
        read_like=True,
    ),
]
