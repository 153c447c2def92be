"""Consent: which planned changes may be applied without more questions. Every doubt means no."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Final

from pydantic import PlainSerializer

from remediator.change.step import Change, Held, Impact, Manual, Step
from remediator.job.failure import Failure
from remediator.moments import shown
from remediator.value import Value

NEVER_ON_A_GUESS: Final = frozenset((Impact.PROTECTION, Impact.SECURITY, Impact.DESTRUCTIVE))
"""These impacts need a sure code: the service names it, or the operator gives it."""


class Consent(Value):
    """The consent of the person."""

    # Sorted, because the order of a set differs between processes, and a plan's id depends on its
    # text.
    impacts: Annotated[frozenset[Impact], PlainSerializer(sorted, list[Impact], "json")] = (
        frozenset()
    )
    """The classes that --allow names."""
    data_loss: bool = False
    """--allow-data-loss: restore points that exist nowhere else may be deleted."""

    def why_not(self, change: Change, failure: Failure) -> str | None:
        """Why this change is held. None when it may be applied."""
        if failure.unconfirmed and change.impact in NEVER_ON_A_GUESS:
            return f"its impact is {change.impact}: {failure.unconfirmed}"
        if change.impact.needs_opt_in and change.impact not in self.impacts:
            return f"its impact is {change.impact}: needs --allow {change.impact}"
        if change.loses and not self.data_loss:
            lost = ", ".join(
                f"{gone.point} ({shown(gone.created)}, {gone.consistency})" for gone in change.loses
            )
            return (
                f"these restore points exist nowhere else and would be lost for ever: {lost}; "
                "needs --allow-data-loss"
            )
        return None

    def missing(self, changes: Iterable[Change], failure: Failure) -> tuple[str, ...]:
        """The missing flags. Without them `why_not` holds one of these changes."""
        wanted = tuple(changes)
        impacts = {change.impact for change in wanted}
        asked = sorted(impact for impact in impacts - self.impacts if impact.needs_opt_in)
        flags = [f"--allow {impact}" for impact in asked]
        if failure.unconfirmed and impacts & NEVER_ON_A_GUESS:
            flags.append(f"--error-code {failure.code}")
        if any(change.loses for change in wanted) and not self.data_loss:
            flags.append("--allow-data-loss")
        return tuple(flags)


EVERYTHING: Final = Consent(impacts=frozenset(Impact), data_loss=True)


def guarded(steps: Iterable[Step], consent: Consent, failure: Failure) -> Iterator[Step]:
    """The steps. If one step is held, all changes are held.

    A remedy is done completely or not at all. Taking off a lock, or restarting a VM, for a backup
    that may not follow would cost something and prove nothing.
    """
    planned = tuple(steps)
    reasons = [
        consent.why_not(step, failure) if isinstance(step, Change) else None for step in planned
    ]
    blocked = next(
        (
            step.what if isinstance(step, Change) else f"{step.action} on {step.target}"
            for step, reason in zip(planned, reasons, strict=True)
            if reason or isinstance(step, Held)
        ),
        None,
    )
    of_no_use = f"useless without another step, which is held: {blocked}" if blocked else None
    of_no_use = of_no_use or _before_a_human(planned)
    for step, reason in zip(planned, reasons, strict=True):
        if of_no_use is None or not isinstance(step, Change):
            yield step
            continue
        why = reason or of_no_use
        yield Held(action=step.action, target=step.target, why=(why, *step.why), change=step)


def _before_a_human(planned: tuple[Step, ...]) -> str | None:
    """Why nothing is changed if a person must go on after a change. None when nobody must."""
    changed = False
    for step in planned:
        if changed and isinstance(step, Manual):
            return f"useless without another step, which a human must do: {step.why[0]}"
        changed = changed or isinstance(step, Change)
    return None
