"""Give Azure the time for its own clean-up."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from remediator.actions import Action
from remediator.change.step import Step
from remediator.conditions import CONDITIONS
from remediator.facts import Facts, Known, Source
from remediator.moments import shown


class WaitForCleanUp(Action):
    """Do nothing while Azure deletes old restore points after an on-demand backup."""

    needs: ClassVar = frozenset({Source.JOBS, Source.POLICY})
    changes: ClassVar = frozenset({"clean_up", "restore_points"})
    action: Literal["wait-for-clean-up"] = "wait-for-clean-up"

    def plan(self, facts: Facts) -> Iterator[Step]:
        """Always held, with the time to look again."""
        found = CONDITIONS["clean_up"].derive(facts)
        because = getattr(found, "because", None) or getattr(found, "reason", "")
        yield self.held(
            facts.job.vm_id or facts.job.id,
            f"Azure's own clean-up takes hours: {because}",
            *_next_scheduled(facts),
        )


def _next_scheduled(facts: Facts) -> Iterator[str]:
    """When the policy backs up next. Nothing if it does not tell that in UTC."""
    policy = facts.policy.value if isinstance(facts.policy, Known) else None
    if policy and (at := policy.next_run(facts.job.seen)):
        yield f"by its policy, the next scheduled backup begins at {shown(at)}"
