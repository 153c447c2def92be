"""What runs and scans tell, one after the other, and the history that it makes.

Only what the history counts is kept: a few values for each failed job. So tens of thousands of
stored runs and scans can be read one at a time.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Final

from remediator import ids
from remediator.plan.plan import Plan
from remediator.report.batch import Standing
from remediator.report.estate import Estate, EstateTarget
from remediator.report.history import By, History, Incident, LeftAlone, Selection, Sources
from remediator.report.incidents import Failure, Place, Recovery, incidents, which
from remediator.report.outcomes import Outcomes
from remediator.report.told import NewJob, Told
from remediator.report.totals import head_of, recurring, times_of, trend
from remediator.run.verdict import Ending

_LEFT_ALONE: Final = (Standing.REFUSED, Standing.NOT_REACHED)

Code = Callable[[str], str]
"""The spelling of a code by which failures are counted. It also turns a number into its code."""


@dataclass(slots=True)
class _Guard:
    vms: set[str] = field(default_factory=set)
    times: int = 0
    last: datetime | None = None


@dataclass(slots=True)
class Observed:
    """Everything that was read so far."""

    since: datetime
    until: datetime
    selection: Selection
    code: Code
    _places: dict[str, Place] = field(default_factory=dict)
    _failures: dict[str, dict[str, Failure]] = field(default_factory=lambda: defaultdict(dict))
    """The failed jobs of each VM, by their names."""
    _recoveries: dict[str, set[Recovery]] = field(default_factory=lambda: defaultdict(set))
    _outcomes: Outcomes = field(default_factory=Outcomes)
    _guards: dict[str | None, _Guard] = field(default_factory=lambda: defaultdict(_Guard))
    _began: Counter[date] = field(default_factory=Counter)
    """The runs that were begun on each day."""
    _read: Counter[str] = field(default_factory=Counter)

    def take_run(self, told: Told, *, record: bool = False) -> None:
        """Count a run.

        Args:
            told: the run.
            record: whether only its record tells of it.
        """
        self._read["records" if record else "runs"] += 1
        plan = told.plan
        place = _place(plan)
        if not self._has_place(place):
            return
        vm = _key(place, restore=plan.job.is_restore)
        if self._has_code(plan.failure.code, plan):
            self._outcomes.take(told)
            self._began[told.began.astimezone(UTC).date()] += 1
        at = plan.job.start or plan.job.seen
        self._fail(
            vm, place, plan.job.id, Failure(plan.failure.code, at, plan.job.start is not None)
        )
        job = told.new_job
        if job is not None and job.failed:
            self._fail(vm, place, job.id, Failure(job.code, job.at, job.known))
        if (sign := _sign(told, at)) is not None:
            self._recoveries[vm].add(sign)

    def take_scan(self, estate: Estate) -> None:
        """Count a scan."""
        self._read["scans"] += 1
        for target in estate.targets:
            place = Place(target.vm, target.vm_id, target.vault, target.subscription)
            if self._has_place(place):
                self._target(target, place, estate.ended)

    def _target(self, target: EstateTarget, place: Place, ended: datetime) -> None:
        vm, at = _key(place), target.failed_at or ended
        if target.job is not None:
            failure = Failure(target.code, at, target.failed_at is not None)
            self._fail(vm, place, target.job, failure)
            if target.standing is Standing.NOTHING_TO_DO:
                good = target.last_good
                if good is not None and good > at and target.failed_at is not None:
                    self._recoveries[vm].add(Recovery(good, good, "scan"))
                else:
                    self._recoveries[vm].add(Recovery(at, ended, None))
        if target.standing in _LEFT_ALONE and self._has_code(target.code, None):
            guard = self._guards[target.guard]
            guard.vms.add(vm)
            guard.times += 1
            guard.last = max(guard.last or ended, ended)

    def _fail(self, vm: str, place: Place, job: str, failure: Failure) -> None:
        """Note a failed job. What is known of it is kept, whoever told it."""
        if failure.code is not None:
            failure = replace(failure, code=self.code(failure.code))
        # A job's name is a GUID, and takes a fifth of the memory of its id.
        here, job = self._failures[vm], ids.folded(job.rsplit("/", 1)[-1])
        if (seen := here.get(job)) is not None:
            best = failure if failure.known and not seen.known else seen
            failure = replace(best, code=seen.code or failure.code)
        here[job] = failure
        known = self._places.get(vm)
        if known is None or (known.vm_id is None and place.vm_id is not None):
            self._places[vm] = place

    def _has_place(self, place: Place) -> bool:
        chosen = self.selection
        return (
            _named(chosen.vms, place.vm_id, place.vm)
            and _named(chosen.vaults, place.vault, place.vault.rsplit("/", 1)[-1])
            and _named(chosen.subscriptions, place.subscription, place.subscription)
        )

    def _has_code(self, code: str | None, plan: Plan | None) -> bool:
        if not self.selection.codes:
            return True
        told = {ids.folded(self.code(code))} if code else set[str]()
        if plan is not None:
            told |= plan.job.codes
        return any(ids.folded(self.code(wanted)) in told for wanted in self.selection.codes)

    def history(self, by: By, unread: Iterable[str]) -> History:
        """The history of everything that was read."""
        counted: list[tuple[str, Failure]] = []
        known: list[tuple[str, Incident]] = []
        for vm, jobs in self._failures.items():
            failures = [each for each in jobs.values() if self._has_code(each.code, None)]
            counted += [(vm, each) for each in failures if each.at >= self.since]
            known += [
                (vm, each)
                for each in incidents(
                    self._places[vm], failures, tuple(self._recoveries.get(vm, ()))
                )
                if max(each.last_failure, each.recovered_at or each.last_failure) >= self.since
            ]
        known.sort(key=lambda each: (each[1].last_failure, each[1].vm), reverse=True)
        found = [incident for _vm, incident in known]
        return History(
            since=self.since,
            until=self.until,
            selection=self.selection,
            sources=Sources(
                runs=self._read["runs"], records=self._read["records"], scans=self._read["scans"]
            ),
            head=head_of(counted, found),
            times=times_of(found),
            recurring=recurring(counted, known, self._places),
            incidents=tuple(found),
            playbooks=self._outcomes.playbooks(),
            remedies=self._outcomes.remedies(),
            left_alone=self._left_alone(),
            by=by,
            trend=trend(by, counted, found, self._began),
            unread=tuple(unread),
        )

    def _left_alone(self) -> tuple[LeftAlone, ...]:
        told = (
            LeftAlone(guard=name, vms=len(guard.vms), times=guard.times, last=guard.last)
            for name, guard in self._guards.items()
            if guard.last is not None
        )
        return tuple(sorted(told, key=lambda each: (-each.times, each.guard or "")))


def _sign(told: Told, at: datetime) -> Recovery | None:
    """What a run says of its VM's recovery. None if it saw none.

    Args:
        told: the run.
        at: when the failed job of the run began.
    """
    seen = told.ended or at
    match told.ending, told.new_job:
        case Ending.RECOVERED, None:
            return Recovery(at, seen, None, told.run_id)
        case Ending.RECOVERED, NewJob(ended=datetime() as ended):
            return Recovery(ended, ended, "run", told.run_id)
        case Ending.RECOVERED, _:
            return Recovery(at, seen, "record", told.run_id)
        case Ending.SETTLED, _:
            return Recovery(at, seen, None, told.run_id, settled=True)
        case _:
            return None


def _place(plan: Plan) -> Place:
    subject = plan.job.subject
    return Place(plan.job.vm_name, plan.job.vm_id, plan.job.vault.id, subject.subscription)


def _key(place: Place, *, restore: bool = False) -> str:
    """Which VM this is. A restore is told apart: no backup shows that it works again."""
    return f"{which(place)}#restore" if restore else which(place)


def _named(wanted: Iterable[str], arm_id: str | None, name: str) -> bool:
    """Whether one of the names, or no name at all, means this resource."""
    each = tuple(wanted)
    return not each or any(
        ids.same(one, arm_id) if one.startswith("/") else ids.same_name(one, name) for one in each
    )
