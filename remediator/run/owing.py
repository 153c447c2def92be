"""The locks and the power that a run owes after its end. They follow from its entries alone."""

from collections.abc import Iterable
from typing import Any

from remediator.facts import Lock
from remediator.plan.plan import Plan
from remediator.run.account import Account
from remediator.run.leases import owed_by
from remediator.run.run import Began, Ended, Entry, LeaseReturned, PowerOwed, power_command
from remediator.value import Value


class Owing(Value):
    """The locks and the power that must be put back and are not known to be put back."""

    locks: tuple[Lock, ...] = ()
    power: tuple[PowerOwed, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is owed."""
        return bool(self.locks or self.power)


def owing(plan: Plan, *told: Iterable[Entry]) -> Owing:
    """What a run owes, by all its sources: its stages, its guards, its record.

    Each source may know less than the others. If one source saw a thing put back, it is put back.
    """
    entries = [entry for each in told for entry in each]
    last = [entry for entry in entries if _puts_back(plan, entry)]
    account = Account(plan)
    account.take([*entries, *last])
    power = [
        PowerOwed(step=number, vm_id=change.target, command=power_command(change))
        for number, change in account.power_owed
    ]
    return Owing(locks=owed_by([*entries, *last], plan).owed, power=tuple(power))


def plan_in(entries: Iterable[Entry]) -> Plan | None:
    """The plan of a run, from the entry with which the run began."""
    return next((entry.plan for entry in entries if isinstance(entry, Began)), None)


def _puts_back(plan: Plan, entry: Entry) -> bool:
    match entry:
        case LeaseReturned():
            return True
        case Ended(outcome=outcome):
            if not 0 < outcome.step <= len(plan.steps):
                return False  # a record is not signed: it may contain anything
            step: Any = plan.steps[outcome.step - 1]
            return step.kind == "change" and step.always and outcome.result.puts_back
        case _:
            return False
