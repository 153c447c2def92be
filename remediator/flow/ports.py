"""What the flow needs from outside: a cloud, an engine that remembers runs, somebody to ask."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from remediator.change.operations import Operation
from remediator.change.step import Request
from remediator.change.writing import Writer
from remediator.errors import UnwrittenError
from remediator.facts import Lock
from remediator.flow.events import Event, Note
from remediator.plan.plan import Plan
from remediator.reading import Reader
from remediator.record.authority import By, Identity
from remediator.record.state import State
from remediator.report.batch import Target
from remediator.report.runs import KnownRun, Story
from remediator.run.claims import VmClaims
from remediator.run.ledger import Ledger, Rows

Body = Callable[[str, Ledger, dict[str, Any]], Awaitable[dict[str, Any]]]
"""The work of a run. It gets the run's id, its ledger and the data that it was started with."""

PutBack = Callable[[str, Rows], Awaitable[Rows]]
"""Puts back what a run still owes after its end. It gets the run's id and all of its rows."""


class Cloud(Protocol):
    """A cloud in which somebody is signed in."""

    @property
    def endpoint(self) -> str:
        """The URL of its Resource Manager."""
        ...

    @property
    def backup_app_id(self) -> str | None:
        """The application id of Azure Backup's own service. None if it is not known."""
        ...

    @property
    def reader(self) -> Reader:
        """Reads the cloud."""
        ...

    def writer(self, poll: float) -> Writer:
        """Changes the cloud. `poll` is the seconds between looks at a long-running operation."""
        ...

    async def who(self) -> Identity:
        """The owner of the access token.

        Raises:
            AzureError: nobody can sign in.
        """
        ...

    def addressed(self, operation: Operation, request: Request) -> Request:
        """The request with the URL that it will be sent to."""
        ...


class Engine(Protocol):
    """Carries out runs, stage by stage, and remembers how far each run is."""

    unwritten: UnwrittenError | None
    """Why this process left a run or its guard unfinished. None if it left none."""

    async def start(self, run_id: str, payload: dict[str, Any]) -> None:
        """Begin a run."""
        ...

    async def take_up(self, run_id: str) -> None:
        """Go on with a run and its guards that another process began."""
        ...

    async def guard_again(self, run_id: str) -> None:
        """Begin another guard for a run that has ended and still owes something."""
        ...

    async def enqueue(self, run_id: str, payload: dict[str, Any], *, partition: str) -> None:
        """Put a run into the queue that workers share."""
        ...

    async def result(self, run_id: str) -> dict[str, Any]:
        """The result of a run, once it has ended."""
        ...

    async def returned(self, run_id: str) -> Rows:
        """The rows of a run's guards, once they have ended."""
        ...

    async def begun(self) -> tuple[tuple[str, dict[str, Any]], ...]:
        """The runs that have not ended: the id and the starting data of each."""
        ...

    async def others(self) -> frozenset[str]:
        """The other processes that have unfinished runs."""
        ...

    async def take_over(self, executor: str) -> tuple[str, ...]:
        """Take over the unfinished runs of a process that is known to be dead."""
        ...

    async def unfinished(self) -> int:
        """How many runs and guards have not ended."""
        ...


class Presence(Protocol):
    """Shows the other workers that this worker lives."""

    def hold(self) -> bool:
        """Whether the others still know that this worker lives."""
        ...

    def is_dead(self, worker: str) -> bool:
        """Whether no process holds the worker's name."""
        ...


class SharedClaims(VmClaims, Protocol):
    """Claims of VMs that a lost connection can end."""

    def renew(self) -> None:
        """Claim again the VMs that were held before the connection was lost."""
        ...


class History(Protocol):
    """Reads runs, but resumes none."""

    def runs(self) -> tuple[KnownRun, ...]:
        """All runs, the newest first."""
        ...

    def begun_since(self, since: datetime) -> Iterator[KnownRun]:
        """The runs that were begun since a moment, the oldest first. Few are in memory at a time.

        Whether an ended run still owes something is not looked at.
        """
        ...

    def run(self, run_id: str) -> KnownRun | None:
        """One run. None if no run has this id."""
        ...

    def stages(self, run_id: str) -> tuple[tuple[str, Any], ...]:
        """The result of each stage of a run, in order."""
        ...

    def close(self) -> None:
        """Close the state."""
        ...


class Engines(Protocol):
    """Makes the objects that work on a state of runs."""

    def runs(
        self,
        state: State,
        body: Body,
        *,
        executor: str,
        put_back: PutBack | None = None,
        version: str | None = None,
    ) -> AbstractAsyncContextManager[Engine]:
        """An engine for the runs of one command.

        Args:
            state: where runs are remembered.
            body: the work of a run.
            executor: the name that marks runs as this engine's own. To resume a run, it is the
                run's own executor.
            put_back: the work of the guard of a run, after the run has ended.
            version: the version of the command that began the run to resume; None for new runs.
        """
        ...

    def queue(self, state: State, run_id: str) -> AbstractAsyncContextManager[Engine]:
        """An engine that only puts a run into the queue."""
        ...

    def worker(
        self, state: State, body: Body, *, name: str, put_back: PutBack, at_a_time: int
    ) -> AbstractAsyncContextManager[Engine]:
        """An engine that works on the queue, `at_a_time` runs at a time."""
        ...

    def working(
        self, state: State, name: str
    ) -> AbstractContextManager[tuple[Presence, SharedClaims]]:
        """Hold a worker's name, to show that it lives, and claim VMs for it.

        Raises:
            StateError: the database cannot be reached, or another worker of this name lives.
        """
        ...

    def claims(self, state: State, run_id: str) -> AbstractContextManager[VmClaims]:
        """The claims of one run."""
        ...

    def history(self, state: State) -> History:
        """The history of runs.

        Raises:
            StateError: there is no such state, or it cannot be read.
        """
        ...


class Asker(Protocol):
    """Gives consent. The implementation also shows what it asks about."""

    @property
    def by(self) -> By:
        """The consent's source, as the audit trail tells it."""
        ...

    @property
    def there(self) -> bool:
        """Whether somebody can be asked, or has already consented."""
        ...

    @property
    def beforehand(self) -> bool:
        """Whether the consent was given with the command, so that nobody is asked."""
        ...

    async def to_apply(self, plans: Sequence[Plan], others: Sequence[Target], /) -> bool:
        """Whether these plans may be applied. `others` are only shown."""
        ...

    async def to_resume(self, story: Story, /) -> bool:
        """Whether a run may be finished."""
        ...

    async def to_put_back(self, locks: Sequence[Lock], /) -> bool:
        """Whether these locks may be put back."""
        ...


class Listener(Protocol):
    """Is told each event as it happens. It must not raise."""

    def hear(self, event: Event) -> None:
        """Take note of an event."""
        ...


@dataclass(frozen=True, slots=True)
class Means:
    """The cloud, the engines, the asker and the listener: all that the flow works with."""

    cloud: Cloud
    engines: Engines
    asker: Asker
    listener: Listener

    def note(self, text: str, *, passing: bool = False) -> None:
        """Tell the listener a sentence that a person should know.

        `passing`: it only says how things go, and warns of nothing.
        """
        self.listener.hear(Note(text, passing))
