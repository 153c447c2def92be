"""From an approved plan to its report: apply, judge, conclude."""

from collections.abc import Callable, Iterator
from datetime import datetime
from shlex import quote

from remediator.actions.remove_locks import put_back_command
from remediator.change.guest import system_of
from remediator.change.operations import Operation
from remediator.change.step import Change, Manual
from remediator.facts import Lock
from remediator.job.failure import classify
from remediator.plan.plan import Plan
from remediator.playbook.catalogue import Catalogue
from remediator.playbook.guidance import manual_of
from remediator.report.report import Report
from remediator.run.apply import Applier
from remediator.run.run import Applied, Concluded, PowerOwed, Record, Result, Watcher
from remediator.run.verdict import Ending, Verdict, judge


async def carry_out(
    applier: Applier,
    *,
    run_id: str,
    plan: Plan,
    started: datetime,
    journal: Record,
    watcher: Watcher,
    catalogue: Catalogue,
    now: Callable[[], datetime],
) -> Report:
    """Apply a plan, or what is left of it, and report what was proved.

    Raises:
        StalePlanError: the subscription has changed since the plan was made; nothing was changed.
    """
    applied = await applier.apply()
    job = applied.new_job
    failure = classify(job, catalogue) if job and not job.running else None
    verdict = judge(applied, failure)
    concluded = Concluded(at=now(), verdict=verdict.ending, text=verdict.text)
    journal.write(concluded)
    watcher.see(concluded)
    return Report(
        run_id=run_id,
        record=str(journal.path),
        started=started,
        ended=now(),
        plan=plan,
        outcomes=applied.outcomes,
        new_job=job,
        verdict=verdict,
        locks_left_off=applied.leases_open,
        locks_owed=applied.leases_owed,
        locks_unsure=applied.leases_unsure,
        power_owed=applied.power_owed,
        interrupted=applied.interrupted,
        next=what_next(
            plan,
            applied,
            verdict,
            _advice(plan, applied, catalogue),
            _following(plan, applied, catalogue),
        ),
    )


def what_next(
    plan: Plan,
    applied: Applied,
    verdict: Verdict,
    advice: tuple[str, ...],
    following: str | None,
) -> tuple[str, ...]:
    """The next things for a person to do, as commands if possible.

    Args:
        plan: the plan of the run.
        applied: what the run did.
        verdict: what its backup proved.
        advice: what a person must do besides.
        following: the title of the rung that comes next, if the backup failed with the same code.
    """
    job = applied.new_job
    owed = (
        *(lock_owed(lock) for lock in applied.leases_owed if lock not in applied.leases_unsure),
        *map(lock_unsure, applied.leases_unsure),
        *map(power_owed, applied.power_owed),
        *map(_on_again, applied.put_back_by_others),
    )
    look = f"remediate --job-id {quote((job or plan.job).id)} --dry-run"
    again = f"remediate --job-id {quote(plan.job.id)} --dry-run"
    if applied.interrupted:
        return (*owed, f"see where things stand: {again}")
    match verdict.ending:
        case Ending.RECOVERED | Ending.SETTLED:
            return owed
        case Ending.RUNNING:
            return (*owed, f"look again: {again}")
        case Ending.SAME | Ending.NEW:
            named = following and verdict.ending is Ending.SAME
            told = f"the next remedy ({following}): {look}" if named else f"the next remedy: {look}"
            return (*owed, *advice, told)
        case Ending.HUMAN:
            return (*owed, *advice, f"see where things stand: {again}")


def lock_owed(lock: Lock) -> str:
    """What to do about a lock that should be on."""
    return f"PUT BACK lock {lock.name} ({lock.level}) on {lock.scope}: {put_back_command(lock)}"


def lock_unsure(lock: Lock) -> str:
    """What to do about a lock of which it is not known whether it is on."""
    return (
        f"LOOK AT lock {lock.name} ({lock.level}) on {lock.scope}, which may be off: "
        f"az lock show --ids {quote(lock.id)}; to put it back: {put_back_command(lock)}"
    )


def power_owed(owed: PowerOwed) -> str:
    """What to do about a VM that the run started or stopped and that was not put back."""
    return f"PUT BACK the VM's power: {owed.command}"


def _on_again(lock: Lock) -> str:
    """What to know about a lock that was to stay off and is on again."""
    return (
        f"lock {lock.name} ({lock.level}) on {lock.scope} is on again: somebody else has put it "
        "back, and the failure may return"
    )


def _following(plan: Plan, applied: Applied, catalogue: Catalogue) -> str | None:
    """The title of the next rung: the one that a script asked for, else the next that can hold."""
    playbook = catalogue.find(plan.failure.code)
    asked = {outcome.guest.next for outcome in applied.outcomes if outcome.guest}
    place = plan.ladder.number if plan.ladder else 0
    later = playbook.ladder[place:] if playbook else ()
    named = (rung.title for rung in later if rung.rung in asked)
    return next(named, plan.later[0] if plan.later else None)


def _advice(plan: Plan, applied: Applied, catalogue: Catalogue) -> tuple[str, ...]:
    """What a person must do: the plan's manual steps, or the work that a script could not do."""
    manual = [step for step in plan.steps if isinstance(step, Manual)]
    if not manual and (script := _short_script(plan, applied)):
        playbook = catalogue.find(plan.failure.code)
        system = system_of((script.request.body or {})["commandId"])
        manual = [manual_of(playbook, plan.job, system)] if playbook else []
    told = tuple(line for step in manual for line in (*step.why, *step.commands))
    return (*told, *_other_remedies(plan, applied, catalogue))


def _other_remedies(plan: Plan, applied: Applied, catalogue: Catalogue) -> Iterator[str]:
    """Commands for refused changes whose error has a remedy of its own, in another playbook.

    Examples are a recovery point that somebody reads, or a lock that came meanwhile. The refusal is
    not the job's failure, so a person must name its code with --error-code.
    """
    for outcome in applied.outcomes:
        if outcome.result is not Result.FAILED:
            continue
        own = catalogue.find(plan.failure.code)
        for found in catalogue.mentioned_codes(outcome.text, frozenset()):
            if own is None or found.entry.playbook != own.name:
                again = f"remediate --job-id {quote(plan.job.id)} --dry-run --error-code"
                yield f"the error that refused it has its own remedy: {again} {found.entry.code}"


def _short_script(plan: Plan, applied: Applied) -> Change | None:
    """The script that could not do its work, or whose answer is lost."""
    for outcome in applied.outcomes:
        step = plan.steps[outcome.step - 1]
        short = outcome.result in (Result.UNSETTLED, Result.UNCERTAIN)
        if short and isinstance(step, Change) and step.operation is Operation.RUN_SCRIPT:
            return step
    return None
