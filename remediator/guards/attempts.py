"""The attempt budget: a remedy that failed so often is not tried for ever.

The attempts are counted from Azure's own job history. So the count is the same on every machine,
and needs no state.
"""

from datetime import timedelta

from remediator.conditions.jobs import backups_since_last_success
from remediator.facts import Facts, Source, Unknown
from remediator.guards.case import Case, Refusal
from remediator.guards.limits import Limits
from remediator.job.job import Job, JobRow
from remediator.moments import shown


def needs() -> frozenset[Source]:
    """The list of jobs. Its rows tell the error codes."""
    return frozenset({Source.JOBS})


def needs_more(facts: Facts, limits: Limits) -> frozenset[Source]:
    """The source that tells what began the failed backups, if enough of them failed alike."""
    failed = backups_since_last_success(facts)
    rows = () if isinstance(failed, Unknown) else failed
    alike = sum(1 for row in rows if _is_alike(row, facts.job))
    return frozenset({Source.ATTEMPTS} if alike > limits.attempts else ())


def judge(case: Case) -> Refusal | None:
    """Refuse if the budget for this code is used up: for the cool-down, then for good."""
    facts, limits = case.facts, case.limits
    failed = backups_since_last_success(facts)
    if isinstance(failed, Unknown):
        reason = f"cannot tell how often this was tried: {failed.reason}"
        return Refusal("attempts", case.target, reason)
    if sum(1 for row in failed if _is_alike(row, facts.job)) <= limits.attempts:
        return None
    if isinstance(facts.attempts, Unknown):
        reason = f"cannot tell how often this was tried: {facts.attempts.reason}"
        return Refusal("attempts", case.target, reason)
    alike = [each for each in facts.attempts.value if _is_alike(each.job, facts.job)]
    if len(alike) <= limits.attempts:
        return None
    told = (
        f"{len(alike)} on-demand backups have failed with this code since the last success "
        f"({', '.join(f'{each.job.name}: {each.told}' for each in alike)}), and --attempts is "
        f"{limits.attempts}"
    )
    ends = (each.job.end or each.job.start or facts.job.seen for each in alike)
    last = max(ends, default=facts.job.seen)
    rested = last + timedelta(hours=limits.cool_down)
    if case.now is None or case.now < rested:
        return Refusal("attempts", case.target, f"{told}; cool-down until {shown(rested)}")
    return Refusal(
        "attempts",
        case.target,
        f"{told}; the cool-down is over, and a human must look",
        human=(f"find out why {len(alike)} attempts have failed, then allow more",),
        commands=(f"remediate --job-id {facts.job.id} --dry-run --attempts {len(alike)}",),
    )


def _is_alike(failed: JobRow, job: Job) -> bool:
    """Whether a backup failed like the job. A backup that does not tell its error counts too.

    Titles and numbers are compared: they are the same in every language.
    """
    own, told = job.codes, failed.codes
    return not own or not told or bool(own & told)
