"""From a job's name to its plan; from several names to several plans."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from remediator.errors import AzureError, JobNotRemediableError
from remediator.flow.ports import Cloud
from remediator.flow.requests import Times, Wanted
from remediator.inspect.locate import locate
from remediator.inspect.shared import SharedReader
from remediator.job.naming import named, spelled
from remediator.plan.plan import Plan
from remediator.plan.planning import plan_job
from remediator.playbook.catalogue import Catalogue, read_catalogue
from remediator.reading import Reader
from remediator.report.batch import Standing, Target

PLANNED_AT_A_TIME: Final = 64
"""How many jobs are planned at the same time. All their reads share the budget of the cloud."""

MANY: Final = 8
"""For so many jobs, a vault's whole list of protected VMs costs less than one request a job."""


async def plan_one(
    cloud: Cloud, job: str, wanted: Wanted, times: Times, *, for_later: bool = False
) -> Plan:
    """The plan of one job.

    Args:
        cloud: where the job is.
        job: whatever names exactly one job; see `remediator.job.naming`.
        wanted: how the job is planned.
        times: how long planning may take. The run has its own time, from its beginning.
        for_later: whether the plan is saved. Then guards that look at the present can wait.

    Raises:
        BadInputError: there is no such job, or a setting cannot be understood.
        AzureError: the job could not be read.
        JobNotRemediableError: the job is not a failed job of an Azure VM.
    """
    catalogue = read_catalogue(wanted.playbooks)
    ready = asyncio.to_thread(catalogue.get_ready)
    made, _ = await asyncio.gather(
        _plan(cloud, cloud.reader, catalogue, job, wanted, times, for_later=for_later), ready
    )
    return made


async def plan_again(cloud: Cloud, reader: Reader, job: str, wanted: Wanted, times: Times) -> Plan:
    """The plan of one job as it is now, when its turn comes.

    Its health checks are not made again: they are for the person who has read the first plan.

    Raises:
        BadInputError: as for `plan_one`.
        AzureError: as for `plan_one`.
        JobNotRemediableError: as for `plan_one`.
    """
    catalogue = read_catalogue(wanted.playbooks)
    return await _plan(cloud, reader, catalogue, job, wanted, times, checked=False)


async def _plan(
    cloud: Cloud,
    reader: Reader,
    catalogue: Catalogue,
    job: str,
    wanted: Wanted,
    times: Times,
    *,
    for_later: bool = False,
    checked: bool = True,
) -> Plan:
    given = wanted.given
    with times.begin().bounding():
        return await plan_job(
            reader,
            await locate(reader, job, wanted.scope, cloud.endpoint),
            catalogue,
            said_code=given.said_code,
            consent=given.consent,
            settings=given.settings(cloud.backup_app_id),
            limits=wanted.limits,
            for_later=for_later,
            checked=checked,
            endpoint=cloud.endpoint,
            addressed=cloud.addressed,
            now=datetime.now(UTC),
        )


async def plan_each(
    cloud: Cloud, jobs: Sequence[str], wanted: Wanted, times: Times
) -> tuple[list[Plan], list[Target]]:
    """The plan of each job. A job that cannot be read does not stop the others.

    What is read of a vault or a subscription serves all its jobs. So the plans are for looking and
    for consent; what a change rests on is read again when the job's turn comes.

    Returns:
        The plans, and the jobs that have none.

    Raises:
        BadInputError: the text for one of the jobs cannot be understood.
    """
    free = asyncio.Semaphore(PLANNED_AT_A_TIME)

    async def one(job: str) -> Plan | Target:
        async with free:
            try:
                return await _plan(cloud, reader, catalogue, job, wanted, times)
            except AzureError as error:
                return Target(job=job, standing=Standing.NOT_CHECKED, text=str(error))
            except JobNotRemediableError as error:
                return Target(job=job, standing=Standing.NOT_REMEDIABLE, text=str(error))

    # All are understood before anything is asked, and two spellings of a job are planned once.
    asked = dict.fromkeys(spelled(named(job, cloud.endpoint)) for job in jobs)
    reader = SharedReader(cloud.reader, shared=len(asked) >= MANY)
    catalogue = read_catalogue(wanted.playbooks)
    ready = asyncio.to_thread(catalogue.get_ready)
    found, _ = await asyncio.gather(asyncio.gather(*map(one, asked)), ready)
    plans = [each for each in found if isinstance(each, Plan)]
    return plans, [each for each in found if isinstance(each, Target)]
