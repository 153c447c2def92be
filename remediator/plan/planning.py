"""Turns a job into its plan: the reading half of the flow. It holds only a Reader."""

import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from remediator.actions import Action
from remediator.actions.back_up_now import BackUpNow
from remediator.actions.enable_protection import EnableProtection
from remediator.actions.refresh_containers import RefreshContainers
from remediator.change.operations import Operation
from remediator.change.step import Change, Held, Request, Step, Unchanged
from remediator.checks import needed as needed_by_checks
from remediator.checks import run_checks
from remediator.conditions.jobs import newer_success
from remediator.conditions.vm_state import why_in_place
from remediator.errors import JobNotRemediableError
from remediator.facts import Absent, Facts, Known, Source
from remediator.facts.settings import NOTHING_TOLD, Settings
from remediator.guards import Case, held_back, judged, more_needed, needed
from remediator.guards.consent import EVERYTHING, Consent, guarded
from remediator.guards.limits import NO_LIMITS, Limits
from remediator.guards.tally import NOTHING_YET, Tally
from remediator.inspect import inspect, read_job
from remediator.inspect.shared import SharedReader
from remediator.job.failure import Confidence, Failure, classify
from remediator.job.job import Job, JobRef, JobRow
from remediator.moments import shown
from remediator.plan.agentless import outside_the_vm, policy_without_agent, without_agent
from remediator.plan.notes import notes_on
from remediator.plan.plan import LIFETIME, Ladder, Plan, PlaybookRef, Said, sealed
from remediator.playbook.catalogue import Catalogue
from remediator.playbook.choosing import Choice, choose
from remediator.playbook.guidance import manual_of, system_of, unknown_code
from remediator.playbook.playbook import Playbook, Rung
from remediator.playbook.wanted import first, wanted
from remediator.reading import Reader

Addressed = Callable[[Operation, Request], Request]
"""Completes a request's path with the endpoint and the api-version."""

_NO_LADDER: Final = (
    "the job is a restore: the playbook's remedies are for a backup, and none of them is planned"
)


async def plan_job(
    reader: Reader,
    ref: JobRef,
    catalogue: Catalogue,
    *,
    said_code: str | None,
    consent: Consent,
    endpoint: str,
    addressed: Addressed,
    now: datetime,
    settings: Settings = NOTHING_TOLD,
    limits: Limits = NO_LIMITS,
    tally: Tally = NOTHING_YET,
    for_later: bool = False,
    checked: bool = True,
) -> Plan:
    """Diagnose one job and plan its fix.

    Unless it is `checked`, the playbook's health checks are not made. They are for a person who
    reads the plan; no step depends on them.

    A guard may refuse a change only until some time. Then the change is held. In a plan `for_later`
    this refusal is only noted, because the guard judges again when the plan is applied.

    Raises:
        AzureError: the job itself could not be read. Other facts that cannot be read become
            unknown.
        JobNotRemediableError: the job is not a failed one of an Azure VM.
    """
    drawn = await draw(
        reader,
        ref,
        catalogue,
        said_code=said_code,
        consent=consent,
        settings=settings,
        addressed=addressed,
        checked=checked,
    )
    playbook = drawn.playbook
    facts, steps, passing = await _as_guards_let(reader, drawn, limits, tally, for_later=for_later)
    return sealed(
        created=now,
        expires=now + LIFETIME,
        endpoint=endpoint,
        job=drawn.job,
        failure=drawn.failure,
        playbook=playbook and _reference(playbook),
        ladder=playbook and _standing(playbook, drawn.choice),
        findings=run_checks(facts, playbook.checks) if playbook and checked else (),
        facts=tuple(Said(fact=f, value=v, because=b) for f, v, b in drawn.choice.said),
        steps=steps,
        recipe=drawn.recipe_rows,
        consent=consent,
        opt_ins=_opt_ins(drawn.recipe, facts, consent, addressed),
        settings=settings,
        limits=limits,
        later=tuple(rung.title for rung in drawn.choice.later),
        notes=(*_about(drawn, catalogue), *passing, *notes_on(steps if playbook else ())),
    )


async def _as_guards_let(
    reader: Reader, drawn: "Drawn", limits: Limits, tally: Tally, *, for_later: bool
) -> tuple[Facts, tuple[Step, ...], tuple[str, ...]]:
    """The facts with the guards' sources, the steps after the guards' decisions, and notes."""
    facts, steps = drawn.facts, drawn.steps
    if drawn.playbook is None:
        return facts, steps, ()
    changes = tuple(step for step in steps if isinstance(step, Change))
    if changes:
        facts = await inspect(reader, facts, needed(limits, to_apply=False))
        facts = await inspect(reader, facts, more_needed(facts, limits, changes))
    refusals = judged(Case(facts, changes, limits, drawn.job.seen, tally))
    passing = [each for each in refusals if for_later and each.until]
    held = tuple(held_back(steps, [each for each in refusals if each not in passing]))
    return (
        facts,
        held,
        tuple(f"if it were applied now, it would be refused: {each.reason}" for each in passing),
    )


def _about(drawn: "Drawn", catalogue: Catalogue) -> Iterator[str]:
    """Notes about the chosen playbook, and about a VM that no remedy may move."""
    playbook, code = drawn.playbook, drawn.failure.code
    if playbook and code and catalogue.stands_in(playbook, code):
        yield f"the playbook for {code} is yours and replaces the built-in one"
    if playbook and playbook.ladder and drawn.job.is_restore:
        yield _NO_LADDER
    if isinstance(drawn.facts.vm, Known) and (reason := why_in_place(drawn.facts.vm.value)):
        yield reason


@dataclass(frozen=True, slots=True)
class Drawn:
    """The result for a job, before any guard has judged it."""

    facts: Facts
    failure: Failure
    playbook: Playbook | None
    choice: Choice
    recipe: tuple[Action, ...]
    steps: tuple[Step, ...]

    @property
    def job(self) -> Job:
        """The job. By now it tells its VM's place."""
        job: Job = self.facts.job
        return job

    @property
    def recipe_rows(self) -> tuple[dict[str, Any], ...]:
        """The recipe, as a plan holds it."""
        return rows_of(self.recipe)


def rows_of(recipe: Iterable[Action]) -> tuple[dict[str, Any], ...]:
    """A recipe, as a plan holds it."""
    return tuple(action.model_dump(mode="json") for action in recipe)


async def draw(
    reader: Reader,
    ref: JobRef,
    catalogue: Catalogue,
    *,
    said_code: str | None,
    consent: Consent,
    settings: Settings,
    addressed: Addressed,
    checked: bool = False,
) -> Drawn:
    """Read a job, classify it, choose the rung, and plan its actions.

    Raises:
        AzureError: as for `plan_job`.
        JobNotRemediableError: as for `plan_job`.
    """
    reader = reader if reader.shared else SharedReader(reader, shared=False)
    job = await read_job(reader, ref)
    check_remediable(job)
    failure = classify(job, catalogue, said_code)
    playbook = catalogue.find(failure.code) if failure.known else None
    facts = Facts.of(job, failure, settings)
    if playbook is None:
        nothing = Choice(rung=None, held=None, said=())
        return Drawn(facts, failure, None, nothing, (), tuple(unknown_code(facts)))
    facts = await _read_for(reader, facts, playbook, checked=checked)
    choice, recipe, steps = _plan_rung(facts, playbook, consent, addressed)
    more = frozenset[Source]().union(*(action.needs_more(facts) for action in recipe))
    more |= choice.rung.reads_late() if choice.rung and recipe else frozenset()
    if any(isinstance(step, Change) for step in steps):
        more |= frozenset[Source]().union(*(action.needs_late for action in recipe))
    if more - facts.read():
        facts = await inspect(reader, facts, more)
        choice, recipe, steps = _plan_rung(facts, playbook, consent, addressed)
    return Drawn(facts, failure, playbook, choice, recipe, steps)


async def _read_for(reader: Reader, facts: Facts, playbook: Playbook, *, checked: bool) -> Facts:
    """Read what the choice of a rung needs, and the chosen rung's steps."""
    needs = first(playbook) | (needed_by_checks(playbook.checks) if checked else frozenset())
    needs |= EnableProtection.needs if facts.job.configures else frozenset()
    needs |= {Source.POLICY} if playbook.of_agent else frozenset()
    facts = await inspect(reader, facts, needs)
    if facts.job.is_restore or isinstance(newer_success(facts), JobRow):
        return facts
    ladder = outside_the_vm(playbook) if policy_without_agent(playbook, facts) else playbook
    while more := wanted(ladder, facts):
        facts = await inspect(reader, facts, more)
    return facts


def check_remediable(job: Job) -> None:
    """Refuse a job that needs no remedy.

    Raises:
        JobNotRemediableError: it tells what the job is instead.
    """
    if not job.is_vm_job:
        raise JobNotRemediableError(
            f"{job.id} is a job of {job.management_type or 'an unknown kind'}, not of an Azure VM, "
            f"and is not treated; to see its error: az backup job show --ids {shlex.quote(job.id)}"
        )
    if job.running:
        raise JobNotRemediableError(
            f"{job.id} has not ended ({job.status} since {shown(job.start)}); look again later"
        )
    if job.succeeded:
        raise JobNotRemediableError(f"{job.id} did not fail: it ended {job.status}")


def _plan_rung(
    facts: Facts, playbook: Playbook, consent: Consent, addressed: Addressed
) -> tuple[Choice, tuple[Action, ...], tuple[Step, ...]]:
    by_hand = manual_of(playbook, facts.job, system_of(facts))
    if facts.job.is_restore:
        return Choice(rung=None, held=None, said=()), (), (by_hand,)
    newer = newer_success(facts)
    if isinstance(newer, JobRow):
        done = Unchanged(
            action="none",
            target=facts.job.vm_id or facts.job.id,
            why=(f"already recovered: backup job {newer.name} of {shown(newer.start)} succeeded",),
        )
        return Choice(rung=None, held=None, said=()), (), (done,)
    policy = policy_without_agent(playbook, facts)
    choice = choose(outside_the_vm(playbook) if policy else playbook, facts)
    if choice.held:
        target = facts.job.vm_id or facts.job.id
        return choice, (), (Held(action="none", target=target, why=(choice.held,)),)
    if choice.rung is None:
        manual = without_agent(policy, facts) if policy else by_hand
        return choice, (), (manual,)
    recipe = _recipe(choice.rung, facts)
    steps = plan_steps(recipe, facts, consent, addressed)
    if policy:
        steps = (*steps, without_agent(policy, facts))
    elif choice.rung.with_manual:
        steps = (*steps, by_hand)
    return choice, recipe, steps


def _recipe(rung: Rung, facts: Facts) -> tuple[Action, ...]:
    """The actions for this job: the rung's actions.

    The job may have been to begin the VM's protection. If there is none yet, nothing can be backed
    up. Then the backup at the end of the rung is replaced by the protection that the job was to
    begin. A VM that no vault knows yet is discovered first; the next plan begins its protection.
    """
    as_written, protecting, discovering = recipes(rung)
    if not (facts.job.configures and isinstance(facts.item, Absent)):
        return as_written
    here = isinstance(facts.vm, Known) and isinstance(facts.protectable, Absent)
    unknown_to_all = isinstance(facts.other_items, Known) and not facts.other_items.value
    return discovering if here and unknown_to_all else protecting


def recipes(rung: Rung) -> tuple[tuple[Action, ...], ...]:
    """A rung's actions as written, as changed when protection is to begin, and before that."""
    if any(isinstance(action, EnableProtection) for action in rung.steps):
        return rung.steps, rung.steps, rung.steps
    protecting = tuple(
        EnableProtection() if isinstance(action, BackUpNow) else action for action in rung.steps
    )
    discovers = any(isinstance(action, BackUpNow) for action in rung.steps)
    return rung.steps, protecting, (RefreshContainers(),) if discovers else rung.steps


def plan_steps(
    actions: Iterable[Action], facts: Facts, consent: Consent, addressed: Addressed
) -> tuple[Step, ...]:
    """The steps of a rung's actions. Each action is planned as if the ones before it were done."""

    def planned() -> Iterator[Step]:
        now = facts
        for action in actions:
            steps = [with_address(step, addressed) for step in action.plan(now)]
            yield from steps
            for step in steps:
                if isinstance(step, Change) and consent.why_not(step, facts.failure) is None:
                    now = expected(now, step)

    return tuple(guarded(planned(), consent, facts.failure))


def _opt_ins(
    recipe: tuple[Action, ...], facts: Facts, consent: Consent, addressed: Addressed
) -> tuple[str, ...]:
    """The missing flags for a remedy. Empty if it would be held even with all of them.

    A step may be held only because an earlier step is held, such as the backup of a VM whose
    protection is stopped. So the remedy is planned as if all consent were given.
    """
    sure = facts.failure.model_copy(update={"confidence": Confidence.OPERATOR})
    allowed = plan_steps(recipe, replace(facts, failure=sure), EVERYTHING, addressed)
    changes = (step for step in allowed if isinstance(step, Change))
    return consent.missing(changes, facts.failure)


def with_address(step: Step, addressed: Addressed) -> Step:
    """The step with its complete request."""
    if not isinstance(step, Change):
        return step
    return step.model_copy(update={"request": addressed(step.operation, step.request)})


def expected(facts: Facts, change: Change) -> Facts:
    """The facts after a change, as far as later steps of a rung depend on them.

    This does not predict what the change cures. Only the next backup shows that.
    """
    match change.operation:
        case Operation.DELETE_LOCK:
            return facts.with_lock_off(change.target)
        case Operation.WAIT_FOR_JOB | Operation.CANCEL_JOB:
            return facts.with_jobs_ended()
        case Operation.START_VM:
            return facts.with_vm_started()
        case Operation.PUT_PROTECTION:
            wanted = (change.request.body or {}).get("properties") or {}
            return facts.with_protection(change.target, wanted)
        case _:
            return facts


def _reference(playbook: Playbook) -> PlaybookRef:
    return PlaybookRef(
        name=playbook.name,
        title=playbook.title,
        origin=playbook.origin,
        digest=playbook.digest,
        sources=playbook.sources,
    )


def _standing(playbook: Playbook, choice: Choice) -> Ladder | None:
    if choice.rung is None:
        return None
    number = playbook.ladder.index(choice.rung) + 1
    return Ladder(
        rung=choice.rung.rung, title=choice.rung.title, number=number, of=len(playbook.ladder)
    )
