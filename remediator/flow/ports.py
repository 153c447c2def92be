"""What the flow needs of the world: a cloud, an engine that remembers runs, somebody to ask."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
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
"""What a run does, given its id, its ledger and what it was started with."""

PutBack = Callable[[str, Rows], Awaitable[Rows]]
"""Puts back what a run that has ended still owes, given the run's id and all of its rows."""


class Cloud(Protocol):
    """A cloud that somebody is signed in to."""

    @property
    def endpoint(self) -> str:
        """The URL of its Resource Manager."""
        ...

    @property
    def backup_app_id(self) -> str | None:
        """The application id of Azure Backup's own service, where it is known."""
        ...

    @property
    def reader(self) -> Reader:
        """Reads it."""
        ...

    def writer(self, poll: float) -> Writer:
        """Changes it. `poll` is the seconds between looks at a long-running operation."""
        ...

    async def who(self) -> Identity:
        """Whose token it is.

        Raises:
            AzureError: there is no signing in.
        """
        ...

    def addressed(self, operation: Operation, request: Request) -> Request:
        """The request with the URL that it will be sent to."""
        ...


class Engine(Protocol):
    """Carries runs out, stage by stage, and remembers how far each one is."""

    unwritten: UnwrittenError | None
    """Why a run, or its guard, was left unfinished by this process; None where none was."""

    async def start(self, run_id: str, payload: dict[str, Any]) -> None:
        """Begin a run."""
        ...

    async def take_up(self, run_id: str) -> None:
        """Go on with a run, and its guards, that another process began."""
        ...

    async def guard_again(self, run_id: str) -> None:
        """Begin another guard for a run that has ended and owes something."""
        ...

    async def enqueue(self, run_id: str, payload: dict[str, Any], *, partition: str) -> None:
        """Put a run into the queue that workers share."""
        ...

    async def result(self, run_id: str) -> dict[str, Any]:
        """What a run came to, once it has ended."""
        ...

    async def returned(self, run_id: str) -> Rows:
        """What a run's guards came to, once they have ended."""
        ...

    async def begun(self) -> tuple[tuple[str, dict[str, Any]], ...]:
        """The runs that have not ended: id, and what each began with."""
        ...

    async def others(self) -> frozenset[str]:
        """The processes, this one aside, that have unfinished runs."""
        ...

    async def take_over(self, executor: str) -> tuple[str, ...]:
        """Take up the unfinished runs of a process that is known to be dead."""
        ...

    async def unfinished(self) -> int:
        """How many runs and guards have not ended."""
        ...


class Presence(Protocol):
    """That a worker lives, as others see it."""

    def hold(self) -> bool:
        """Whether this worker is still known to live."""
        ...

    def is_dead(self, worker: str) -> bool:
        """Whether nobody holds a worker's name."""
        ...


class SharedClaims(VmClaims, Protocol):
    """Claims of VMs that can get lost with a connection."""

    def renew(self) -> None:
        """Take again what was held before the connection was lost."""
        ...


class History(Protocol):
    """Reads runs; takes none up."""

    def runs(self) -> tuple[KnownRun, ...]:
        """All runs, the newest first."""
        ...

    def run(self, run_id: str) -> KnownRun | None:
        """One run; None when there is none of this id."""
        ...

    def stages(self, run_id: str) -> tuple[tuple[str, Any], ...]:
        """What each stage of a run came to, in order."""
        ...

    def close(self) -> None:
        """Let go of the state."""
        ...


class Engines(Protocol):
    """Makes what works on a state of runs."""

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
            body: what a run does.
            executor: the name by which its runs are known as its own; the run that is taken up.
            put_back: what the guard of a run does once that has ended.
            version: of the command that began what is taken up; None where runs are begun.
        """
        ...

    def queue(self, state: State, run_id: str) -> AbstractAsyncContextManager[Engine]:
        """An engine that only puts a run into the queue."""
        ...

    def worker(
        self, state: State, body: Body, *, name: str, put_back: PutBack, at_a_time: int
    ) -> AbstractAsyncContextManager[Engine]:
        """An engine that works on the queue, so many runs at a time."""
        ...

    def working(
        self, state: State, name: str
    ) -> AbstractContextManager[tuple[Presence, SharedClaims]]:
        """Says that a worker lives, and claims VMs for it.

        Raises:
            StateError: the database cannot be reached, or a worker of this name lives already.
        """
        ...

    def claims(self, state: State, run_id: str) -> AbstractContextManager[VmClaims]:
        """The claims of one run."""
        ...

    def history(self, state: State) -> History:
        """What runs there were.

        Raises:
            StateError: there is no such state, or it cannot be read.
        """
        ...


class Asker(Protocol):
    """Whoever consents. What is consented to is shown by whom it is asked through."""

    @property
    def by(self) -> By:
        """As the audit trail tells it."""
        ...

    @property
    def there(self) -> bool:
        """Whether somebody can be asked, or has consented beforehand."""
        ...

    @property
    def beforehand(self) -> bool:
        """Whether the consent was given with the command: nobody is asked."""
        ...

    async def to_apply(self, plans: Sequence[Plan], others: Sequence[Target], /) -> bool:
        """Whether these plans may be applied. `others` are told besides."""
        ...

    async def to_resume(self, story: Story, /) -> bool:
        """Whether a run may be finished."""
        ...

    async def to_put_back(self, locks: Sequence[Lock], /) -> bool:
        """Whether these locks may be put back."""
        ...


class Listener(Protocol):
    """Whoever is told what happens, as it happens. It must not raise."""

    def hear(self, event: Event) -> None:
        """Take note of an event."""
        ...


@dataclass(frozen=True, slots=True)
class Means:
    """What everything in the flow is done with."""

    cloud: Cloud
    engines: Engines
    asker: Asker
    listener: Listener

    def note(self, text: str) -> None:
        """Tell whoever listens something that a person should know."""
        self.listener.hear(Note(text))
