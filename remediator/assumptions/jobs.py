"""Assumptions about the jobs of VMs."""

import re
from contextlib import suppress
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Final

from remediator.assumptions.assumption import Area, Assumption, Counts, every, some
from remediator.assumptions.seen import Seen, Thing, path_of

_EXPIRY: Final = "Recovery Point Expiry Time in UTC"
_STATES: Final = frozenset(
    {"InProgress", "Completed", "CompletedWithWarnings", "Failed", "Cancelled", "Cancelling"}
)
_TASKS: Final = frozenset({"Take Snapshot", "Transfer data to vault", "Validate Backup"})
_GUID: Final = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BAG: Final = ("properties", "extendedInfo", "propertyBag")
_SOON: Final = timedelta(minutes=3)


def _says_who_began_it(job: Thing) -> bool:
    return isinstance(job.at("properties", "isUserTriggered"), bool)


def _backups_in_full(seen: Seen) -> list[Thing]:
    """Backups in detail, from 2019 on. No older one has the expiry."""
    return [
        job
        for job in seen.vm_jobs
        if not job.in_list
        and job.text("properties", "operation") == "Backup"
        and job.text("properties", "startTime") >= "2019"
        and job.at(*_BAG) is not None
    ]


def _has_expiry(job: Thing) -> bool:
    return bool(job.text(*_BAG, _EXPIRY))


def _asked_for(seen: Seen) -> list[Thing]:
    """Backups that a recorded POST began.

    Either the job carries the id of the request. Or the job is of the POST's container, and started
    at nearly the same time.
    """
    triggers: list[tuple[str, datetime]] = []
    ids: set[str] = set()
    for pair in seen.pairs:
        parts = path_of(pair)
        if pair.method != "POST" or parts[-1:] != ["backup"] or pair.status != 202:
            continue
        ids.add(pair.headers.get("x-ms-client-request-id", ""))
        with suppress(ValueError):
            when = parsedate_to_datetime(pair.headers.get("date", ""))
            triggers.append((parts[-2].partition(";")[2], when))
    return [
        job
        for job in _backups_in_full(seen)
        if job.text("properties", "activityId") in ids
        or any(
            container == job.text("properties", "containerName").lower()
            and abs(_start(job) - when) < _SOON
            for container, when in triggers
        )
    ]


def _start(job: Thing) -> datetime:
    return datetime.fromisoformat(f"{job.text('properties', 'startTime')[:19]}+00:00")


def _vm_rows(seen: Seen) -> list[Thing]:
    return [job for job in seen.vm_jobs if job.in_list]


def _in_order(seen: Seen) -> Counts:
    """Whether of two neighbours in a list of a vault's jobs the newer one comes first."""
    rows = [job for job in seen.jobs if job.in_list and job.text("properties", "startTime")]
    pairs = [(a, b) for a, b in pairwise(rows) if a.pair is b.pair]
    return every(pairs, lambda two: _begun(two[0]) >= _begun(two[1]))


def _begun(job: Thing) -> str:
    return job.text("properties", "startTime")[:19]


def _offered(job: Thing) -> list[object]:
    found = job.at("properties", "actionsInfo")
    return found if isinstance(found, list) else []


def _ended(job: Thing) -> bool:
    return job.text("properties", "status") not in ("InProgress", "Cancelling")


def _twelve_hours(seen: Seen) -> Counts:
    asked = [
        pair
        for pair in seen.pairs
        if path_of(pair)[-1:] == ["backupjobs"] and re.search(r"startTime.*(AM|PM)", pair.uri)
    ]
    return every(asked, lambda pair: pair.status == 200)


ASSUMPTIONS: Final = (
    Assumption(
        "vm-job-does-not-say-who-began-it",
        Area.JOBS,
        "A VM's job has no isUserTriggered, in a list or in detail.",
        "The specification declares it. A program that waits for it would wait for ever.",
        lambda seen: every(seen.vm_jobs, lambda job: not _says_who_began_it(job)),
    ),
    Assumption(
        "other-jobs-say-who-began-them",
        Area.JOBS,
        "Jobs of other workloads may have isUserTriggered.",
        "That the field exists says nothing about VMs.",
        lambda seen: some(
            job
            for job in seen.jobs
            if _says_who_began_it(job)
            and not job.text("properties", "jobType").startswith("AzureIaaSVMJob")
        ),
    ),
    Assumption(
        "on-demand-backup-has-an-expiry",
        Area.JOBS,
        f"The detail of a backup that a client asked for has {_EXPIRY!r}.",
        "It tells an on-demand backup from a scheduled one.",
        lambda seen: every(_asked_for(seen), _has_expiry),
    ),
    Assumption(
        "scheduled-backup-has-no-expiry",
        Area.JOBS,
        f"There are backups whose detail has no {_EXPIRY!r}: the scheduled ones.",
        "If all had it, it could not tell them apart.",
        lambda seen: some(job for job in _backups_in_full(seen) if not _has_expiry(job)),
    ),
    Assumption(
        "row-has-activity-id",
        Area.JOBS,
        "A row of a list of VM jobs has the activityId, as the detail has.",
        "A run finds its own job by it, even if the answer to the trigger was lost.",
        lambda seen: every(
            _vm_rows(seen),
            lambda job: _GUID.fullmatch(job.text("properties", "activityId")) is not None,
        ),
    ),
    Assumption(
        "vm-job-type",
        Area.JOBS,
        "The jobType of an Azure VM's job is AzureIaaSVMJob, not AzureIaaSVMJobV2.",
        "Both are read; the second was never seen.",
        lambda seen: every(
            seen.vm_jobs, lambda job: job.text("properties", "jobType") == "AzureIaaSVMJob"
        ),
    ),
    Assumption(
        "job-states",
        Area.JOBS,
        f"A VM's job is in one of these states: {', '.join(sorted(_STATES))}.",
        "A job in any other state is taken for one that still runs.",
        lambda seen: every(
            seen.vm_jobs,
            lambda job: job.text("properties", "status") in _STATES,
            lambda job: job.text("properties", "status"),
        ),
    ),
    Assumption(
        "tasks-of-a-backup",
        Area.JOBS,
        f"The tasks of a VM's backup are among these: {', '.join(sorted(_TASKS))}.",
        "The first task tells whether a job is still taking its snapshot.",
        lambda seen: every(
            [
                task
                for job in seen.vm_jobs
                if job.text("properties", "operation") == "Backup"
                for task in job.rows("properties", "extendedInfo", "tasksList")
            ],
            lambda task: task.get("taskId") in _TASKS,
            lambda task: str(task.get("taskId")),
        ),
    ),
    Assumption(
        "cancel-is-offered-as-a-word",
        Area.JOBS,
        "Newer versions of the API offer a cancellation as the word Cancellable.",
        "If a job does not offer it, no cancellation is planned.",
        lambda seen: every(
            [action for job in seen.vm_jobs if job.newer for action in _offered(job)],
            lambda action: isinstance(action, str),
            str,
        ),
    ),
    Assumption(
        "cancel-is-offered-as-a-number",
        Area.JOBS,
        "Versions up to 2021 offer it as the number 1.",
        "Both forms are read.",
        lambda seen: every(
            [action for job in seen.vm_jobs if not job.newer for action in _offered(job)],
            lambda action: action == 1,
            str,
        ),
    ),
    Assumption(
        "ended-job-offers-cancel",
        Area.JOBS,
        "Also jobs that have ended may offer a cancellation.",
        "The offer does not mean that the job is running.",
        lambda seen: some(job for job in seen.vm_jobs if _ended(job) and _offered(job)),
    ),
    Assumption(
        "jobs-newest-first",
        Area.JOBS,
        "A list of jobs has the newest first.",
        "Nothing depends on it: the tool sorts lists itself.",
        _in_order,
    ),
    Assumption(
        "container-of-a-job",
        Area.JOBS,
        "The containerName of a VM's job is iaasvmcontainerv2;GROUP;VM.",
        "The tool finds a job's VM by it, without another request.",
        lambda seen: every(
            [job for job in seen.vm_jobs if job.text("properties", "containerName")],
            lambda job: (
                re.fullmatch(
                    r"(?i)iaasvmcontainerv2;[^;]+;[^;]+", job.text("properties", "containerName")
                )
                is not None
            ),
        ),
    ),
    Assumption(
        "vm-of-another-subscription",
        Area.JOBS,
        "Where the VM is in another subscription than its vault, the detail has "
        "'VM Subscription ID'.",
        "Without it the VM would be looked for in the vault's subscription.",
        lambda seen: some(
            job for job in seen.vm_jobs if _GUID.fullmatch(job.text(*_BAG, "VM Subscription ID"))
        ),
    ),
    Assumption(
        "filter-takes-twelve-hours",
        Area.JOBS,
        "The filter of a list of jobs takes its times with AM and PM.",
        "Otherwise no list of jobs could be read.",
        _twelve_hours,
    ),
    Assumption(
        "job-times-have-a-zone",
        Area.JOBS,
        "The start of a VM's job is a time in UTC with a Z.",
        "A time without a zone is taken for UTC.",
        lambda seen: every(
            [job for job in seen.vm_jobs if job.text("properties", "startTime")],
            lambda job: job.text("properties", "startTime").endswith("Z"),
        ),
    ),
    Assumption(
        "tasks-have-times",
        Area.JOBS,
        "Newer versions tell of each task when it began, and 0001-01-01T00:00:00 for not yet.",
        "The year 1 is read as no time.",
        lambda seen: every(
            [
                task
                for job in seen.vm_jobs
                if job.newer and not job.in_list
                for task in job.rows("properties", "extendedInfo", "tasksList")
            ],
            lambda task: isinstance(task.get("startTime"), str),
        ),
    ),
)
