"""The sources of consent for a command: the person at the terminal, or the flag `--yes`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from remediator.change.step import Change
from remediator.cli.asking import approved, can_ask
from remediator.cli.masking import is_masked, masked
from remediator.cli.output import passing, put, stderr
from remediator.language import _, _n
from remediator.report.runs import RunState, Story
from remediator.run.run import Ended

if TYPE_CHECKING:
    from remediator.cli.options.output import OutputOptions
    from remediator.facts import Lock
    from remediator.plan.plan import Plan
    from remediator.report.batch import Target


@dataclass(frozen=True, slots=True)
class Yes:
    """`--yes`: consent given beforehand."""

    by: Literal["--yes"] = "--yes"
    there: bool = True
    beforehand: bool = True

    async def to_apply(self, _plans: "Sequence[Plan]", _others: "Sequence[Target]") -> bool:
        """Yes."""
        return True

    async def to_resume(self, story: Story) -> bool:
        """Show the run and consent."""
        from remediator.views.runs_text import show_story

        show_story(passing(), story)
        return True

    async def to_put_back(self, _locks: "Sequence[Lock]") -> bool:
        """Yes."""
        return True


@dataclass(frozen=True, slots=True)
class Terminal:
    """The person at the terminal. The plans are shown right above the question."""

    show: "OutputOptions | None" = None
    """Where to show a single plan that is part of the output. None if only stderr is used."""
    by: Literal["terminal"] = "terminal"
    beforehand: bool = False

    @property
    def there(self) -> bool:
        """Whether somebody sits at a terminal."""
        return can_ask()

    async def to_apply(self, plans: "Sequence[Plan]", others: "Sequence[Target]") -> bool:
        """Show the plans and ask."""
        from remediator.report.batch import standing
        from remediator.views.batch_text import show_batch
        from remediator.views.plan_text import show_plan

        details = self.show is not None and self.show.details
        if not others and len(plans) == 1:
            [plan] = plans
            # With --mask the plan is shown beside the output: consent needs the real names.
            if self.show is not None and self.show.has("text") and not is_masked():
                put(self.show, lambda console: show_plan(console, plan, details=details), {})
            else:
                show_plan(stderr(), plan, details=details)
            return await approved(_question_of(plan))
        for plan in plans:
            show_plan(stderr(), plan, details=details)
        show_batch(stderr(), standing(datetime.now(UTC), plans, others))
        return await approved(_question(plans))

    async def to_resume(self, story: Story) -> bool:
        """Show the run's story and ask."""
        from remediator.views.runs_text import show_story

        # Consent needs the real names. Where nobody consents, what is shown is kept in a log.
        show_story(stderr(), story if self.there else masked(story))
        return self.there and await approved(_question_to_resume(story))

    async def to_put_back(self, locks: "Sequence[Lock]") -> bool:
        """Ask whether the locks may be put back."""
        return self.there and await approved(f"Put {len(locks)} locks back? [y/N]")


def asker(show: "OutputOptions | None" = None, *, yes: bool) -> Yes | Terminal:
    """The source of consent for a command."""
    return Yes() if yes else Terminal(show)


def _question_of(plan: "Plan") -> str:
    return _to_apply(plan.summary.changes, repr(plan.job.vm_name), plan.summary.data_loss)


def _question(plans: "Sequence[Plan]") -> str:
    pending = [plan for plan in plans if plan.changes]
    changes = sum(plan.summary.changes for plan in pending)
    lost = sum(plan.summary.data_loss for plan in pending)
    vms = _n("{count} VM", "{count} VMs", len(pending)).format(count=len(pending))
    return _to_apply(changes, vms, lost)


def _to_apply(count: int, vms: str, lost: int) -> str:
    changes = _n("{count} change", "{count} changes", count).format(count=count)
    told = _("Apply {changes} to {vms}{lost}? [y/N]")
    return told.format(changes=changes, vms=vms, lost=_loses(lost))


def _loses(count: int) -> str:
    told = _n(", LOSING {count} restore point", ", LOSING {count} restore points", count)
    return told.format(count=count) if count else ""


def _question_to_resume(story: Story) -> str:
    done = {entry.outcome.step for entry in story.entries if isinstance(entry, Ended)}
    left = [
        number
        for number, step in enumerate(story.plan.steps, 1)
        if isinstance(step, Change) and number not in done
    ]
    if story.state is RunState.OWING:
        return (
            f"Put back the locks and the power that {story.run_id} ({story.plan.job.vm_name!r}) "
            "changed? [y/N]"
        )
    steps = ", ".join(map(str, left)) or "none"
    return f"Resume {story.run_id} ({story.plan.job.vm_name!r}), steps left: {steps}? [y/N]"
