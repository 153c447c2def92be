"""Account: the state of a run so far. It follows from the run's entries alone.

The same entries always give the same account, no matter how the process died. The account holds
nothing that no entry tells.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from remediator import ids
from remediator.change.guest import GuestAnswer
from remediator.change.operations import Operation
from remediator.change.step import Change
from remediator.facts import Lock, PowerState
from remediator.job.request_ids import NO_EVIDENCE, Evidence, Found, tag
from remediator.plan.plan import Plan
from remediator.run.run import (
    Began,
    Concluded,
    Ended,
    Entry,
    Intent,
    Interrupted,
    JobFollowed,
    LeaseReturned,
    LeaseTaken,
    Outcome,
    Refused,
    Result,
    Sent,
)

_STOPS = (Result.FAILED, Result.UNCERTAIN, Result.STALE)

_ATTEMPTS = (Operation.BACK_UP, Operation.PUT_PROTECTION)
"""The operations that begin a job: an attempt, for the next visit."""

_UNSEEN = (Result.UNCERTAIN, Result.UNSETTLED)

_OF_LOCKS = (Operation.DELETE_LOCK, Operation.PUT_LOCK)

_POWER = (Operation.START_VM, Operation.POWER_OFF_VM, Operation.DEALLOCATE_VM)


@dataclass
class Account:
    """The account of one run. It takes the entries in their order."""

    plan: Plan
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    intents: dict[int, Intent] = field(default_factory=dict)
    sent: dict[int, Sent] = field(default_factory=dict)
    """The last accepted request of each step."""
    sends: dict[int, int] = field(default_factory=dict)
    """How often each step was sent and accepted."""
    leases: list[Lock] = field(default_factory=list)
    refused_removals: list[Lock] = field(default_factory=list)
    """Locks that stayed on, because Azure refused to remove them."""
    returned: set[str] = field(default_factory=set)
    started: PowerState | None = None
    """The VM's power state before this run started the VM. The run brings the VM back to it."""
    done: set[Operation] = field(default_factory=set)
    """The operations that this run has carried out, or may have carried out."""
    job_id: str | None = None
    """The id of the triggered backup's job."""
    interrupted: bool = False
    refused: str | None = None
    """Why the run was not begun."""

    def take(self, entries: Iterable[Entry]) -> None:
        """Add entries to the account."""
        for entry in entries:
            self._take(entry)

    def _take(self, entry: Entry) -> None:
        match entry:
            case Intent(step=step, change=change):
                self.intents[step] = entry
                self._may_have(change)
            case Sent(step=step):
                self.sent[step] = entry
                self.sends[step] = self.sends.get(step, 0) + 1
            case LeaseTaken(lock=lock):
                self.leases.append(lock)
            case LeaseReturned(lock_id=lock_id):
                self.returned.add(ids.normal(lock_id))
            case Ended(outcome=outcome):
                self.outcomes[outcome.step] = outcome
                planned = self.plan.steps[outcome.step - 1]
                if isinstance(planned, Change):
                    self._ended(planned, outcome)
            case JobFollowed(job_id=job_id, ours=True):
                self.job_id = job_id
            case Interrupted():
                self.interrupted = True
            case Refused(text=text):
                self.refused = text
            case JobFollowed() | Began() | Concluded():
                pass

    def _may_have(self, change: Change) -> None:
        """Count a change that must be undone as made as soon as it may have been made."""
        if change.operation is Operation.START_VM:
            self.started = PowerState(change.before["power"])
        if change.operation is Operation.DEALLOCATE_VM:
            self.done.add(change.operation)

    def _ended(self, change: Change, outcome: Outcome) -> None:
        operation = change.operation
        # A failed change is without effect only if that is certain. If nobody could read Azure's
        # answer, Azure may have taken the request on.
        without_effect = outcome.result is Result.FAILED and outcome.arrived is False
        if outcome.result in (Result.APPLIED, Result.UNSETTLED):
            self.done.add(operation)
        if without_effect:
            self.done.discard(operation)
        if without_effect and operation is Operation.START_VM:
            self.started = None
        if without_effect and operation is Operation.DELETE_LOCK:
            mine = [lock for lock in self.leases if ids.same(lock.id, change.target)]
            self.leases = [lock for lock in self.leases if lock not in mine]
            self.refused_removals += mine

    @property
    def owes(self) -> bool:
        """Whether this run has changed something that it must put back."""
        return bool(self.open_leases or self.started or Operation.DEALLOCATE_VM in self.done)

    @property
    def power_owed(self) -> tuple[tuple[int, Change], ...]:
        """The changes that bring back the VM's power state and are not known to be done.

        Each change comes with its place in the plan, counted from 1.
        """
        if self.started is None and Operation.DEALLOCATE_VM not in self.done:
            return ()
        return tuple(
            (number, step)
            for number, step in enumerate(self.plan.steps, 1)
            if isinstance(step, Change) and step.always and step.operation in _POWER
            if number not in self.outcomes or not self.outcomes[number].result.puts_back
        )

    @property
    def unsure(self) -> bool:
        """Whether some change was sent and nobody knows if it took effect, or still may."""
        return any(outcome.result is Result.UNCERTAIN for outcome in self.outcomes.values())

    @property
    def open_leases(self) -> tuple[Lock, ...]:
        """Locks taken off and not put back."""
        return tuple(lock for lock in self.leases if ids.normal(lock.id) not in self.returned)

    @property
    def unsure_leases(self) -> tuple[Lock, ...]:
        """The open leases whose removal or return was sent, and whose effect was not seen."""
        about = {
            ids.normal(step.target)
            for number, step in enumerate(self.plan.steps, 1)
            if isinstance(step, Change) and step.operation in _OF_LOCKS
            if number in self.outcomes and self.outcomes[number].result in _UNSEEN
        }
        return tuple(lock for lock in self.open_leases if ids.normal(lock.id) in about)

    def stopped(self, change: Change) -> str | None:
        """Why the run does not make this change. None while the run goes on.

        A guest script that answered with a problem stops all changes but the backup. The backup
        does no harm, it proves whether the problem matters, and it leaves its trace in Azure's job
        history, from which the next visit goes on.
        """
        if self.interrupted:
            return "the run was interrupted"
        for number, outcome in sorted(self.outcomes.items()):
            step = self.plan.steps[number - 1]
            unsettled = (
                outcome.result is Result.UNSETTLED
                and isinstance(step, Change)
                and step.if_unsettled == "stop"
                and not (outcome.guest is not None and change.operation in _ATTEMPTS)
            )
            if outcome.result in _STOPS or unsettled:
                return f"step {number} stopped the run: {outcome.text}"
        return None

    @property
    def evidence(self) -> Evidence:
        """What this run's backup tells the next visit."""
        playbook, ladder = self.plan.playbook, self.plan.ladder
        if playbook is None or ladder is None:
            return NO_EVIDENCE
        answers = [o.guest for _, o in sorted(self.outcomes.items()) if o.guest is not None]
        wanted = next((answer.next for answer in answers if answer.next), None)
        return Evidence(
            rung=tag(playbook.name, ladder.rung),
            found=max((_found(answer) for answer in answers), default=Found.NO_ANSWER),
            wanted=tag(playbook.name, wanted) if wanted else 0,
        )

    @property
    def recovered_by(self) -> str | None:
        """Another backup that succeeded meanwhile."""
        return next((o.recovered_by for o in self.outcomes.values() if o.recovered_by), None)


def _found(answer: GuestAnswer) -> Found:
    if answer.problem is not None:
        return Found.PROBLEM
    return Found.CHANGED if answer.changed else Found.NOTHING_TO_DO
