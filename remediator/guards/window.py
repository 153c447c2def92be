"""The maintenance window: more than reversible changes happen only inside, by Azure's clock."""

from remediator.guards.case import Case, Refusal
from remediator.moments import shown


def judge(case: Case) -> Refusal | None:
    """Refuse outside all windows, and tell when the next one opens."""
    windows = case.limits.windows
    disturbing = [change for change in case.changes if change.impact.needs_opt_in]
    if not windows or not disturbing:
        return None
    what = f"{disturbing[0].what} has impact {disturbing[0].impact}"
    if case.now is None:
        return Refusal("window", case.target, f"{what}, and Azure's time is not known")
    now = case.now
    if any(window.is_open(now) for window in windows):
        return None
    opens, first = min((window.opens(now), window.said) for window in windows)
    reason = f"outside the maintenance window: {what}; next opens {shown(opens)} ({first})"
    return Refusal("window", case.target, reason, until=opens)
