"""The outcome of a run, seen from outside."""

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
    """The outcome of a run, from its output, the simulator's log and the final state only."""

    code: int
    said: str
    """The last line of stderr. After a crash, all of stderr."""
    crashed: bool
    playbook: str
    rung: int | None
    """The number of the planned rung; 1 is the mildest. None if no rung was planned."""
    facts: frozenset[str]
    """The conditions of `when` behind the plan, with their values: `agent is ready`."""
    steps: frozenset[str]
    """The kind of each planned step: `back-up-now: held`."""
    guards: frozenset[str]
    """The guards that refuse the plan."""
    planned: frozenset[Request]
    """The changes that the plan names."""
    sent: tuple[Request, ...]
    """The writes in order, including refused ones."""
    ending: str | None
    """The verdict. None if nothing was applied."""
    named: frozenset[str]
    """The ids, in lower case, of the locks that the report names as off."""
    before: Json
    """The simulator's state before the run. `after` is its state after the run."""
    after: Json

    @property
    def result(self) -> tuple[int, str | None, tuple[Request, ...]]:
        """The values that must stay the same without a field that nobody has ever seen."""
        return self.code, self.ending, self.sent

    def unlike(self, other: "Outcome") -> tuple[str, ...]:
        """The conditions of `when`, actions and guards in which two runs differ."""
        facts = {f"when {text.split(' is ')[0]}" for text in self.facts ^ other.facts}
        steps = {f"action {text.split(':')[0]}" for text in self.steps ^ other.steps}
        guards = {f"guard {name}" for name in self.guards ^ other.guards}
        return (*sorted(facts), *sorted(steps), *sorted(guards))

    def __str__(self) -> str:
        told = [f"exit {self.code}", self.ending or "nothing applied", f"{len(self.sent)} changes"]
        return ", ".join(told) + (f" ({self.said})" if self.said else "")


def outcome(ended: Ended, log: list[Json], before: Json, after: Json) -> Outcome:
    """The outcome of a run, from what it left behind."""
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
    """The restore points, named by their place in their collection, the oldest first.

    Their real names contain the time of creation, so they differ from play to play.
    """
    return {
        name.lower(): f"{number}. point"
        for collection in state["collections"]
        for number, name in enumerate(sorted(collection["points"]), 1)
    }


def _steady(places: dict[str, str], url: str) -> str:
    """The path of a URL, the same in every play of a case. Azure writes paths in any casing."""
    head, _, name = same_path(url).lower().rpartition("/")
    return f"{head}/{places.get(name, name)}"


def _object(text: str) -> Json:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
