"""Whether a new planning equals the earlier one, and how the two differ."""

from remediator.change.step import Change, Held, Step
from remediator.plan.plan import fingerprint


def is_still(planned: Change, now: Change, *, begun: bool) -> bool:
    """Whether a new change is the planned one. After its begin, a part of it may be done."""
    if fingerprint((now,)) == fingerprint((planned,)):
        return True
    same = now.key == planned.key and now.request == planned.request
    # The restore points must be the same ones, or fewer. Nobody has approved a newer point.
    points = set(now.before.get("points", ())) <= set(planned.before.get("points", ()))
    return begun and same and points and set(now.loses) <= set(planned.loses)


def difference(planned: tuple[Step, ...], found: tuple[Step, ...]) -> str:
    """The difference between two plannings, in a few words."""
    before, after = fingerprint(planned), fingerprint(found)
    for old, new, step in zip(before, after, found, strict=False):
        if old != new:
            was, now = (f"{row['kind']} {row['target']}" for row in (old, new))
            because = f" ({step.why[0]})" if isinstance(step, Held) else ""
            return (
                f"{was} was planned, now it is {now}{because}"
                if was != now
                else f"{was} has changed"
            )
    return f"{len(before)} steps were planned, now there are {len(after)}"
