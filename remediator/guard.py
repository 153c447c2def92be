"""The guard: which planned changes may be applied without asking further. Fails closed."""

from collections.abc import Iterable, Iterator

from remediator.step import Change, Held, Impact, Step
from remediator.value import Value


class Consent(Value):
    """What the person opted in to."""

    impacts: frozenset[Impact] = frozenset()
    """Classes named by --allow."""
    data_loss: bool = False
    """--allow-data-loss: restore points that exist nowhere else may go."""

    def why_not(self, change: Change) -> str | None:
        """Why this change is held; None when it may be applied."""
        if change.impact.needs_opt_in and change.impact not in self.impacts:
            return f"impact {change.impact}: needs --allow {change.impact}"
        if change.loses and not self.data_loss:
            lost = ", ".join(
                f"{gone.point} of {gone.created} ({gone.consistency})" for gone in change.loses
            )
            return f"would lose for ever what exists nowhere else: {lost}; needs --allow-data-loss"
        return None


def guarded(steps: Iterable[Step], consent: Consent) -> Iterator[Step]:
    """The steps, with every change that lacks consent held.

    After the first held step the rest of the rung is held too: a later change counts on an
    earlier one. What puts things back is never held for that.
    """
    blocked: str | None = None
    for step in steps:
        match step:
            case Change():
                reason = consent.why_not(step)
                if reason is None and blocked and not step.always:
                    reason = f"counts on an earlier step, which is held: {blocked}"
                if reason is None:
                    yield step
                    continue
                blocked = blocked or step.what
                yield Held(
                    action=step.action, target=step.target, why=(reason, *step.why), change=step
                )
            case Held():
                blocked = blocked or f"{step.action} on {step.target}"
                yield step
            case _:
                yield step
