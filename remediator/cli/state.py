"""Where runs are kept, and what earlier ones have left owing."""

from remediator.cli.output import say
from remediator.facts import Lock
from remediator.record.records import forgotten, unreadable
from remediator.record.state import State, state_at
from remediator.run.run import PowerOwed


def state_of(said: str | None) -> State:
    """Where runs are kept: as the person says, else in the user's own state folder."""
    from platformdirs import user_state_path

    return state_at(said, user_state_path("remediate"))


def say_forgotten(state: State) -> None:
    """Say, before anything new is begun, which locks earlier runs have left owing."""
    for run_id, lock in forgotten(state.folder):
        say_off(run_id, lock)
    for why in unreadable(state.folder):
        say(f"A LOCK MAY BE OFF THAT SHOULD BE ON, its record tells no more: {why}")


def say_off(run_id: str, lock: Lock) -> None:
    """Say that a run owes a lock, and how it is put back."""
    say(
        f"A LOCK IS OFF THAT SHOULD BE ON: lock {lock.name} ({lock.level}) on {lock.scope}: "
        f"remediate resume {run_id} while that is unfinished, else remediate restore-locks {run_id}"
    )


def say_power(run_id: str, owed: PowerOwed) -> None:
    """Say that a run has left a VM on or off that was not so before, and how it is put back."""
    say(
        f"A VM'S POWER IS NOT AS IT WAS: {owed.vm_id}: remediate resume {run_id} puts it back, "
        f"or by hand {owed.command}"
    )
