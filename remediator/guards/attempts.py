"""The attempt budget: a remedy that did not help so often is not tried for ever.

Counted from Azure's own job history, so that it holds on every machine and without any state.
"""

from datetime import timedelta

from remediator.facts import Facts, Source, Unknown
from remediator.guards.case import Case, Refusal
from remediator.job import Job
from remediator.limits import Limits
from remediator.moments import shown
from remediator.words.jobs import tried_since_last_success


def needs() -> frozenset[Source]:
    """The list of jobs, which does not tell their codes."""
    return frozenset({Source.JOBS})


def needs_more(facts: Facts, limits: Limits) -> frozenset[Source]:
    """The failed attempts in full, once there are so many that their codes matter."""
    tried = tried_since_last_success(facts)
    over = not isinstance(tried, Unknown) and len(tried) > limits.attempts
    return frozenset({Source.ATTEMPTS} if over else ())


def judge(case: Case) -> Refusal | None:
    """Refuse when the budget for this code is used up: first to let the VM rest, then for good."""
    facts, limits = case.facts, case.limits
    tried = tried_since_last_success(facts)
    if isinstance(tried, Unknown):
        reason = f"cannot tell how often this was tried: {tried.reason}"
        return Refusal("attempts", case.target, reason)
    if len(tried) <= limits.attempts:
        return None
    if isinstance(facts.attempts, Unknown):
        reason = f"{len(tried)} attempts, their codes not known: {facts.attempts.reason}"
        return Refusal("attempts", case.target, reason)
    alike = [job for job in facts.attempts.value if _failed_alike(job, facts.job)]
    if len(alike) <= limits.attempts:
        return None
    told = (
        f"{len(alike)} user-triggered backups have failed with this code since the last success "
        f"({', '.join(job.name for job in alike)}), and --attempts is {limits.attempts}"
    )
    last = max((job.end or job.start or job.seen for job in alike), default=facts.job.seen)
    rested = last + timedelta(hours=limits.cool_down)
    if case.now is None or case.now < rested:
        return Refusal("attempts", case.target, f"{told}; cool-down until {shown(rested)}")
    return Refusal(
        "attempts",
        case.target,
        f"{told}; the cool-down is over, and a human must look",
        human=(f"a human must look at why {len(alike)} attempts have failed, then allow more",),
        commands=(f"remediate --job-id {facts.job.id} --dry-run --attempts {len(alike)}",),
    )


def _failed_alike(attempt: Job, job: Job) -> bool:
    """Whether an attempt failed as the job did; one that does not say how counts too.

    By titles and numbers, which are the same in every language.
    """
    own = {str(said) for error in job.errors for said in (error.code, error.title) if said}
    told = {str(said) for error in attempt.errors for said in (error.code, error.title) if said}
    return not own or not told or bool(own & told)
