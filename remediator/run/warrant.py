"""Warrant: what a saved plan may rest on when it is applied.

It rests on the word of the person who applies or signed it. A person who can write a file can also
write a plan and compute its id. So the file itself counts for nothing. The job is read, classified
and planned again, and the plan is applied only if the result is the same.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from remediator.change.operations import Operation
from remediator.change.step import Held, Impact, Unchanged
from remediator.errors import BadInputError, JobNotRemediableError, PlanFileError
from remediator.facts.settings import Settings
from remediator.guards.consent import Consent
from remediator.job.failure import Confidence
from remediator.job.job import JobRef
from remediator.plan.plan import Plan, fingerprint
from remediator.plan.planning import Addressed, Drawn, draw
from remediator.plan.sameness import difference
from remediator.playbook.catalogue import Catalogue
from remediator.reading import Reader
from remediator.value import Value

_SKEW: Final = timedelta(minutes=5)
"""By how much the clocks of Azure's own machines may differ."""

_WAITED: Final = timedelta(days=2)
"""How long a plan may have waited at most: its lifetime and the rest of a day."""


class Warrant(Value):
    """What a plan may rest on, apart from Azure's answers."""

    said_code: str | None
    """The error code that the operator gave."""
    consent: Consent
    settings: Settings

    @classmethod
    def signed(cls, plan: Plan) -> "Warrant":
        """The warrant of a plan whose signature was verified: it allows all that the plan says."""
        said = plan.failure.code if plan.failure.confidence is Confidence.OPERATOR else None
        return cls(said_code=said, consent=plan.consent, settings=plan.settings)

    def for_plan(self, plan: Plan) -> "Warrant":
        """The part of the warrant that a plan makes use of.

        A plan that waited past midnight keeps the day on which its recovery points expire.
        """
        used = Consent(
            impacts=self.consent.impacts & plan.consent.impacts,
            data_loss=self.consent.data_loss and plan.consent.data_loss,
        )
        settings = self.settings
        if _same_retention(settings, plan.settings):
            settings = settings.model_copy(update={"retain_until": plan.settings.retain_until})
        return self.model_copy(update={"consent": used, "settings": settings})

    def lacking(self, plan: Plan) -> tuple[str, ...]:
        """The flags that the plan was made with and that its changes need, but nobody gave here."""
        flags = self.for_plan(plan).consent.missing(plan.changes, plan.failure)
        return tuple(dict.fromkeys((*flags, *self._told_otherwise(plan))))

    def _told_otherwise(self, plan: Plan) -> Iterator[str]:
        if plan.failure.confidence is Confidence.OPERATOR and self.said_code is None:
            yield f"--error-code {plan.failure.code}"
        impacts = {change.impact for change in plan.changes}
        ours, theirs = self.settings, plan.settings
        if Impact.SECURITY in impacts and theirs.backup_service not in (None, ours.backup_service):
            yield f"--backup-service-object-id {theirs.backup_service}"
        limit = theirs.restore_point_limit
        if Impact.DESTRUCTIVE in impacts and limit not in (None, ours.restore_point_limit):
            yield f"--restore-point-limit {limit}"
        backs_up = any(change.operation is Operation.BACK_UP for change in plan.changes)
        if backs_up and theirs.retain_until and not _same_retention(ours, theirs):
            days = (theirs.retain_until - plan.created.date()).days - 1
            yield f"--retain-days {days}"


async def check_anew(
    reader: Reader, plan: Plan, catalogue: Catalogue, warrant: Warrant, addressed: Addressed
) -> None:
    """Refuse a plan if this warrant and Azure's answers would now give another plan.

    Raises:
        PlanFileError: the job is gone or another one; or the failure, the rung, the recipe or the
            steps would be others.
        AzureError: the job could not be read.
    """
    try:
        ref = JobRef.parse(JobRef(vault=plan.job.vault, name=plan.job.name).id)
        needed = warrant.for_plan(plan)
        drawn = await draw(
            reader,
            ref,
            catalogue,
            said_code=needed.said_code,
            consent=needed.consent,
            settings=needed.settings,
            addressed=addressed,
        )
    except (BadInputError, JobNotRemediableError) as error:
        raise stale(plan, str(error)) from None
    if because := next(_differences(plan, drawn), None):
        raise stale(plan, because)


def stale(plan: Plan, because: str) -> PlanFileError:
    """The refusal of a plan that no longer fits, or never did."""
    told = f"{plan.plan_id} is stale: {because}; nothing was changed; make a new plan"
    return PlanFileError(told)


def _differences(plan: Plan, drawn: Drawn) -> Iterator[str]:
    aside = {"seen", "source"}
    was, now = (job.model_dump(exclude=aside) for job in (plan.job, drawn.job))
    if other := [name for name, value in now.items() if was[name] != value]:
        yield f"the job now has another {', '.join(other)}"
    if plan.job.seen - drawn.job.seen > _SKEW:
        yield f"by Azure's clock it was made in the future ({plan.job.seen})"
    if drawn.failure.code != plan.failure.code:
        yield f"the job's failure is {drawn.failure.code or 'not known'} ({drawn.failure.evidence})"
    sure = drawn.failure.confidence
    if sure not in (plan.failure.confidence, Confidence.OPERATOR):
        yield f"the evidence for the failure is different ({drawn.failure.evidence})"
    if (drawn.failure.message, drawn.failure.recommendations) != (
        plan.failure.message,
        plan.failure.recommendations,
    ):
        yield "the job's failure has another text"
    if (drawn.playbook and drawn.playbook.name) != (plan.playbook and plan.playbook.name):
        yield "this failure now belongs to another playbook"
    if drawn.choice.rung is None and isinstance(drawn.steps[0], Unchanged | Held):
        yield drawn.steps[0].why[0]  # recovered meanwhile, or no rung can be chosen now
    if fingerprint(plan.steps) != fingerprint(drawn.steps):
        yield difference(plan.steps, drawn.steps)
    rung = drawn.choice.rung.rung if drawn.choice.rung else None
    if rung != (plan.ladder and plan.ladder.rung):
        yield f"the playbook would now take {rung or 'no rung'}, not {_rung_of(plan)}"
    if drawn.recipe_rows != plan.recipe:
        yield f"the playbook has another remedy now for {_rung_of(plan)}"


def _rung_of(plan: Plan) -> str:
    return plan.ladder.rung if plan.ladder else "no rung"


def _same_retention(ours: Settings, theirs: Settings) -> bool:
    if ours.retain_until is None or theirs.retain_until is None:
        return ours.retain_until == theirs.retain_until
    return timedelta(0) <= ours.retain_until - theirs.retain_until <= _WAITED
