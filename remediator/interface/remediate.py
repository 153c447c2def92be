"""The flow for programs that have an event loop."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from remediator.change.step import Impact
from remediator.errors import BadInputError, did_you_mean
from remediator.flow.admission import check_terms
from remediator.flow.events import Event
from remediator.flow.one import NotApplied, Queued, apply_one
from remediator.flow.planning import plan_one
from remediator.flow.ports import Cloud, Means
from remediator.flow.requests import AT_A_TIME, Given, Terms, Times, Wanted
from remediator.flow.scan import Scan, ScanScope, scan
from remediator.flow.several import Planned, apply_several, plan_jobs
from remediator.guards.consent import Consent
from remediator.guards.limits import Limits
from remediator.inspect.locate import Scope
from remediator.inspect.locate_vm import locate_vm
from remediator.interface.caller import Approve, Caller, CallerListens
from remediator.plan.checkup import Checkup, check_up
from remediator.plan.plan import Plan, check_seal
from remediator.playbook.catalogue import read_catalogue
from remediator.playbook.explain import Explanation
from remediator.playbook.explain import explain as explained
from remediator.record.state import State, state_at
from remediator.report.batch import Batch
from remediator.report.report import Report

Auth = Literal["auto", "cli", "env", "workload", "managed", "token"]


def explain(code_or_text: str, *, playbooks: Path | None = None) -> Explanation:
    """The meaning of a code, of Azure's number for it, or of an error text. Azure is not asked."""
    return explained(code_or_text, read_catalogue(playbooks))


@dataclass(slots=True)
class Remediate:
    """A session that is signed in to Azure: ``async with Remediate(...) as remediate:``.

    Args:
        cloud: public, china or usgov.
        arm_endpoint: the endpoint of another cloud, instead of `cloud`.
        auth: how to sign in, with the values of `--auth`.
        state: where runs are remembered, with the values of `--state`; None: the user's own folder.
        playbooks: a folder of playbooks that come before the built-in ones.
        timeout: seconds for the plan of one VM, and again for its run.
        poll_interval: seconds between two looks, unless Azure asks for another interval.
        on_event: is told each event as it happens.
    """

    cloud: str | None = None
    arm_endpoint: str | None = None
    auth: Auth = "auto"
    state: str | Path | None = None
    playbooks: Path | None = None
    timeout: float = 7200.0
    poll_interval: float = 30.0
    on_event: Callable[[Event], None] | None = None
    _held: AsyncExitStack = field(default_factory=AsyncExitStack, init=False, repr=False)
    _session: Cloud | None = field(default=None, init=False, repr=False)
    _made: set[str] = field(default_factory=set, init=False, repr=False)
    """The plans that were made here. They need no further proof of what they rest on."""

    async def __aenter__(self) -> Self:
        """Sign in.

        Raises:
            BadInputError: an argument cannot be used.
            AzureError: a custom endpoint does not answer as ARM does.
        """
        from remediator.azure.session import find_cloud, open_session

        # In a thread: for a custom endpoint, `find_cloud` runs an event loop of its own.
        found = await asyncio.to_thread(find_cloud, self.cloud, self.arm_endpoint, self.auth)
        self._session = await self._held.enter_async_context(open_session(found, self.auth))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._held.aclose()

    async def plan(
        self,
        job: str,
        *,
        error_code: str | None = None,
        allow: Iterable[str] = (),
        allow_data_loss: bool = False,
        scope: Scope | None = None,
        limits: Limits | None = None,
    ) -> Plan:
        """The plan of one failed job. Changes nothing.

        Args:
            job: the job's ARM id, its bare name, or any text that names exactly one job.
            error_code: the failure's code. If given, the job is not classified.
            allow: impact classes that may be applied besides the first two.
            allow_data_loss: whether restore points may be deleted that exist nowhere else.
            scope: where to look for a bare name.
            limits: the limits for the plan.

        Raises:
            BadInputError: the text names no job or several, or there is no such job or class.
            AzureError: the job could not be read.
            JobNotRemediableError: the job is not a failed job of an Azure VM.
        """
        given = _given(error_code, allow, allow_data_loss=allow_data_loss)
        made = await plan_one(self._cloud, job, self._wanted(given, scope, limits), self._times)
        self._made.add(made.plan_id)
        return made

    async def plan_all(
        self,
        jobs: Iterable[str],
        *,
        allow: Iterable[str] = (),
        allow_data_loss: bool = False,
        scope: Scope | None = None,
        limits: Limits | None = None,
    ) -> Planned:
        """The plans of several jobs, one for each VM. Jobs that cannot be read are named.

        Raises:
            BadInputError: an argument for one of the jobs cannot be used.
        """
        given = _given(None, allow, allow_data_loss=allow_data_loss)
        wanted = self._wanted(given, scope, limits)
        planned = await plan_jobs(self._cloud, tuple(jobs), wanted, self._times)
        self._made.update(plan.plan_id for plan in planned.plans)
        return planned

    async def scan(
        self,
        asked: ScanScope | None = None,
        *,
        allow: Iterable[str] = (),
        allow_data_loss: bool = False,
        limits: Limits | None = None,
    ) -> Scan:
        """Every failed backup in scope, worst first, with the plans if `asked` keeps them.

        Args:
            asked: what to scan. None: all that the identity sees, and no plan is kept.
            allow: as for `plan`.
            allow_data_loss: as for `plan`.
            limits: the limits for the plans.

        Raises:
            BadInputError: a name in scope is no subscription.
            AzureError: the subscriptions could not be listed.
        """
        given = _given(None, allow, allow_data_loss=allow_data_loss)
        wanted = self._wanted(given, None, limits)
        listener = CallerListens(self.on_event)
        found = await scan(self._cloud, listener, asked or ScanScope(), wanted, self._times)
        self._made.update(plan.plan_id for plan in found.plans)
        return found

    async def apply(
        self,
        plan: Plan,
        *,
        approve: Approve = False,
        error_code: str | None = None,
        allow: Iterable[str] = (),
        allow_data_loss: bool = False,
        limits: Limits | None = None,
    ) -> Report | NotApplied:
        """Apply one plan, follow the new backup to its end, and report.

        Args:
            plan: a plan that was made here or read from a file. The consent in a file does not
                count: then `error_code`, `allow` and `allow_data_loss` give it.
            approve: consent to exactly this plan.
            error_code: as for `plan`; for a plan that was not made here.
            allow: as for `plan`; for a plan that was not made here.
            allow_data_loss: as for `plan`; for a plan that was not made here.
            limits: the limits of this call. The plan's own limits hold too.

        Raises:
            RemediateError: as for `apply_one`: the run could not begin, or not be finished.
        """
        check_seal(plan, plan.plan_id)
        made_here = plan.plan_id in self._made
        given = _given(error_code, allow, allow_data_loss=allow_data_loss)
        terms = self._terms(None if made_here else given, limits, AT_A_TIME)
        means = self._means(approve)
        if not made_here:
            terms = check_terms(means.listener, plan, terms)
        outcome = await apply_one(means, plan, terms)
        assert not isinstance(outcome, Queued)  # noqa: S101 - here no run is left to a worker
        return outcome

    async def apply_all(
        self,
        planned: Planned,
        *,
        approve: Approve = False,
        parallelism: int = AT_A_TIME,
        limits: Limits | None = None,
    ) -> Batch | None:
        """Apply the plans of several VMs, several at a time. None if there is no consent."""
        foreign = [plan.plan_id for plan in planned.plans if plan.plan_id not in self._made]
        if foreign:
            raise BadInputError(f"{foreign[0]} was not made by this object: apply it with apply()")
        for plan in planned.plans:
            check_seal(plan, plan.plan_id)
        means = self._means(approve)
        if not means.asker.there:
            return None
        return await apply_several(means, planned, self._terms(None, limits, parallelism))

    async def check(
        self, vm: str, *, scope: Scope | None = None, vault: str | None = None
    ) -> Checkup:
        """All that a VM's backup depends on. Changes nothing.

        Args:
            vm: the VM's ARM id, or its name.
            scope: where to look for a name.
            vault: which vault to use if several vaults hold the VM.

        Raises:
            BadInputError: there is no such VM or vault.
            AzureError: the vaults could not be listed.
        """
        cloud = self._cloud
        found = await locate_vm(cloud.reader, vm, scope or Scope())
        return await check_up(cloud.reader, found, Given().settings(cloud.backup_app_id), vault)

    @property
    def _cloud(self) -> Cloud:
        if self._session is None:
            raise BadInputError("not signed in: use it as `async with Remediate(...)`")
        return self._session

    @property
    def _times(self) -> Times:
        return Times(timeout=self.timeout, poll=self.poll_interval)

    def _wanted(self, given: Given, scope: Scope | None, limits: Limits | None) -> Wanted:
        return Wanted(given, scope or Scope(), self.playbooks, limits or Limits())

    def _terms(self, given: Given | None, limits: Limits | None, at_a_time: int) -> Terms:
        return Terms(
            state=_state(self.state),
            times=self._times,
            playbooks=self.playbooks,
            limits=limits or Limits(),
            given=given,
            at_a_time=at_a_time,
        )

    def _means(self, approve: Approve) -> Means:
        from remediator.engine.engines import DbosEngines

        return Means(self._cloud, DbosEngines(), Caller(approve), CallerListens(self.on_event))


def _given(error_code: str | None, allow: Iterable[str], *, allow_data_loss: bool) -> Given:
    known = {impact.value: impact for impact in Impact}
    names = tuple(allow)
    if unknown := [name for name in names if name not in known]:
        near = did_you_mean(unknown[0], known)
        raise BadInputError(f"allow {unknown[0]!r} is not one of {', '.join(known)}{near}")
    consent = Consent(impacts=frozenset(known[name] for name in names), data_loss=allow_data_loss)
    return Given(said_code=error_code, consent=consent)


def _state(said: str | Path | None) -> State:
    from platformdirs import user_state_path

    return state_at(None if said is None else str(said), user_state_path("remediate"))
