"""What a run came to, seen from outside."""

import json
import re
from dataclasses import dataclass
from functools import partial
from typing import Any

from remediator.proving.prove import same_path
from tests.command import Ended

Json = dict[str, Any]
Request = tuple[str, str]
"""Method and path."""


@dataclass(frozen=True)
class Outcome:
    """A run, judged by nothing but its output, the simulator's log and the state it left."""

    code: int
    said: str
    """The last line of stderr; all of it after a crash."""
    crashed: bool
    playbook: str
    rung: int | None
    """Which rung of the ladder was planned, 1 the mildest; None where none was."""
    facts: frozenset[str]
    """The conditions of `when` that it rests on, with their values: `agent is ready`."""
    steps: frozenset[str]
    """How each action is planned: `back-up-now: held`."""
    guards: frozenset[str]
    """The guards that refuse it."""
    planned: frozenset[Request]
    """The changes that its plan names."""
    sent: tuple[Request, ...]
    """What it wrote, refused or not, in order."""
    ending: str | None
    """Its verdict; None where nothing was applied."""
    named: frozenset[str]
    """Locks, in lower case, that its report says are off."""
    before: Json
    """The simulator's state when it began, and when it had ended."""
    after: Json

    @property
    def result(self) -> tuple[int, str | None, tuple[Request, ...]]:
        """What must not change by leaving out a field that nobody ever saw."""
        return self.code, self.ending, self.sent

    def unlike(self, other: "Outcome") -> tuple[str, ...]:
        """The conditions of `when`, actions and guards by which this run differs from another."""
        facts = {f"when {text.split(' is ')[0]}" for text in self.facts ^ other.facts}
        steps = {f"action {text.split(':')[0]}" for text in self.steps ^ other.steps}
        guards = {f"guard {name}" for name in self.guards ^ other.guards}
        return (*sorted(facts), *sorted(steps), *sorted(guards))

    def __str__(self) -> str:
        told = [f"exit {self.code}", self.ending or "nothing applied", f"{len(self.sent)} changes"]
        return ", ".join(told) + (f" ({self.said})" if self.said else "")


def outcome(ended: Ended, log: list[Json], before: Json, after: Json) -> Outcome:
    """A run's outcome, from what is left of it."""
    report = _object(ended.out)
    plan = report.get("plan", report)
    crashed = "Traceback" in ended.err + ended.out
    lines = ended.err.strip().splitlines()
    steady = partial(_steady, _places(before))
    return Outcome(
        code=ended.code,
        said=ended.err.strip() if crashed else " ".join(lines[-1:]),
        crashed=crashed,
        playbook=(plan.get("playbook") or {}).get("name", ""),
        rung=(plan.get("ladder") or {}).get("number"),
        facts=frozenset(f"{f['fact']} is {f['value']}" for f in plan.get("facts", ())),
        steps=frozenset(f"{s['action']}: {s['kind']}" for s in plan.get("steps", ())),
        guards=frozenset(
            [s["guard"] for s in plan.get("steps", ()) if s.get("guard")]
            + re.findall(r"refused by a guard \(([a-z-]+)\)", ended.err)
        ),
        planned=frozenset(
            (step["request"]["method"], steady(step["request"]["url"]))
            for step in plan.get("steps", ())
            if step["kind"] == "change"
        ),
        sent=tuple((w["method"], steady(w["url"])) for w in log if not w["read_like"]),
        ending=(report.get("verdict") or {}).get("ending"),
        named=frozenset(
            lock["id"].lower()
            for kind in ("locks_left_off", "locks_owed")
            for lock in report.get(kind, ())
        ),
        before=before,
        after=after,
    )


def _places(state: Json) -> dict[str, str]:
    """The restore points by their places in their collections, the oldest first.

    Their names tell when they were made, and so are others in each play.
    """
    return {
        name.lower(): f"{number}. point"
        for collection in state["collections"]
        for number, name in enumerate(sorted(collection["points"]), 1)
    }


def _steady(places: dict[str, str], url: str) -> str:
    """The path of a URL, as it is in every play of a case. Azure's paths are of any casing."""
    head, _, name = same_path(url).lower().rpartition("/")
    return f"{head}/{places.get(name, name)}"


def _object(text: str) -> Json:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
