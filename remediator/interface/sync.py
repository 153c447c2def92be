"""The flow for programs without an event loop."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from remediator.flow.events import Event
from remediator.flow.one import NotApplied
from remediator.flow.requests import AT_A_TIME
from remediator.flow.scan import Scan, ScanScope
from remediator.flow.several import Planned
from remediator.guards.limits import Limits
from remediator.inspect.locate import Scope
from remediator.interface.caller import Approve
from remediator.interface.remediate import Auth, Remediate
from remediator.plan.checkup import Checkup
from remediator.plan.plan import Plan
from remediator.report.batch import Batch
from remediator.report.report import Report


@dataclass(slots=True)
class RemediateSync:
    """The same for code without an event loop: ``with RemediateSync(...) as remediate:``.

    It takes the same arguments as `Remediate` and has the same methods. Each method waits for its
    result.
    """

    cloud: str | None = None
    arm_endpoint: str | None = None
    auth: Auth = "auto"
    state: str | Path | None = None
    playbooks: Path | None = None
    timeout: float = 7200.0
    poll_interval: float = 30.0
    on_event: Callable[[Event], None] | None = None
    _runner: asyncio.Runner = field(default_factory=asyncio.Runner, init=False, repr=False)
    _inner: Remediate = field(init=False, repr=False)

    def __enter__(self) -> Self:
        """Sign in. Raises what `Remediate` does."""
        self._inner = Remediate(
            self.cloud,
            self.arm_endpoint,
            self.auth,
            self.state,
            self.playbooks,
            self.timeout,
            self.poll_interval,
            self.on_event,
        )
        self._runner.run(self._inner.__aenter__())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._runner.run(self._inner.__aexit__(kind, error, trace))
        self._runner.close()

    def plan(
        self,
        job: str,
        *,
        error_code: str | None = None,
        allow: Iterable[str] = (),
        allow_data_loss: bool = False,
        scope: Scope | None = None,
        limits: Limits | None = None,
    ) -> Plan:
        """As `Remediate.plan`."""
        return self._runner.run(
            self._inner.plan(
                job,
                error_code=error_code,
                allow=allow,
                allow_data_loss=allow_data_loss,
                scope=scope,
                limits=limits,
            )
        )

    def plan_all(
        self,
        jobs: Iterable[str],
        *,
        allow: Iterable[str] = (),
        allow_data_loss: bool = False,
        scope: Scope | None = None,
        limits: Limits | None = None,
    ) -> Planned:
        """As `Remediate.plan_all`."""
        return self._runner.run(
            self._inner.plan_all(
                jobs, allow=allow, allow_data_loss=allow_data_loss, scope=scope, limits=limits
            )
        )

    def scan(
        self,
        asked: ScanScope | None = None,
        *,
        allow: Iterable[str] = (),
        allow_data_loss: bool = False,
        limits: Limits | None = None,
    ) -> Scan:
        """As `Remediate.scan`."""
        return self._runner.run(
            self._inner.scan(asked, allow=allow, allow_data_loss=allow_data_loss, limits=limits)
        )

    def apply(
        self,
        plan: Plan,
        *,
        approve: Approve = False,
        error_code: str | None = None,
        allow: Iterable[str] = (),
        allow_data_loss: bool = False,
        limits: Limits | None = None,
    ) -> Report | NotApplied:
        """As `Remediate.apply`."""
        return self._runner.run(
            self._inner.apply(
                plan,
                approve=approve,
                error_code=error_code,
                allow=allow,
                allow_data_loss=allow_data_loss,
                limits=limits,
            )
        )

    def apply_all(
        self,
        planned: Planned,
        *,
        approve: Approve = False,
        parallelism: int = AT_A_TIME,
        limits: Limits | None = None,
    ) -> Batch | None:
        """As `Remediate.apply_all`."""
        return self._runner.run(
            self._inner.apply_all(planned, approve=approve, parallelism=parallelism, limits=limits)
        )

    def check(self, vm: str, *, scope: Scope | None = None, vault: str | None = None) -> Checkup:
        """As `Remediate.check`."""
        return self._runner.run(self._inner.check(vm, scope=scope, vault=vault))
