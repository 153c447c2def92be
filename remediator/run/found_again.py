"""After a process was killed: find what it may have sent, so that nothing is sent twice."""

from collections.abc import Callable

from remediator.actions import Action
from remediator.change.operations import SHAPES
from remediator.change.step import Change, Held, Unchanged
from remediator.errors import AzureError
from remediator.patience import Patience
from remediator.plan.sameness import is_still
from remediator.run.follow import JobFollower, Trigger
from remediator.run.looks import Looks
from remediator.run.run import Entry, Waiting


class FoundAgain:
    """Looks for the changes that an earlier process of the same run may have made."""

    def __init__(
        self,
        looks: Looks,
        follower: JobFollower,
        patience: Patience,
        note: Callable[[Entry | Waiting], None],
    ) -> None:
        self._looks = looks
        self._follower = follower
        self._patience = patience
        self._note = note

    async def is_triggered(self, change: Change, action: Action, trigger: Trigger) -> bool:
        """Whether another process has triggered the backup.

        Raises:
            AzureError: that is not known; or it was not triggered, and would not be triggered now.
        """
        if await self._follower.triggered_before(trigger):
            return True
        if not await self._looks.is_due(change, action):
            raise _perhaps_sent(
                change, "no job of it was seen, and the backup is no longer planned"
            )
        return False

    async def is_done(self, change: Change, action: Action) -> bool:
        """Whether a change that was perhaps sent has taken effect.

        Raises:
            AzureError: the change has not taken effect and may not be sent now. Sending it would do
                it twice, or do something else than was planned.
        """
        self._note(Waiting(text=f"waiting to see whether it was sent before: {change.what}"))
        problem = "no effect of it was seen"
        for _ in range(self._patience.looks):
            facts = await self._looks.before_sending(change, action)
            match self._looks.again(change, action, facts):
                case None | Unchanged():
                    return True
                case Held(why=why):
                    problem = why[0]  # the operation may still be running
                case Change() as now if not is_still(change, now, begun=True):
                    problem = "the change would now be a different one"
                    break
                case Change() if late := self._looks.shut_out(change, facts):
                    problem = late
                    break
                case Change() if not SHAPES[change.operation].once:
                    return False
                case _:
                    pass
            if self._patience.over:
                break
            await self._patience.pause()
        if change.always:
            return False  # a change that puts back is sent in doubt: that does no harm
        raise _perhaps_sent(change, problem)


def _perhaps_sent(change: Change, problem: str) -> AzureError:
    return AzureError(
        f"{change.what}: an earlier process may have sent it, and it is not sent a second time: "
        f"{problem}",
        code="PerhapsSent",
        arrived=None,
    )
