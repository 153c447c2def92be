"""`remediate worker`: one of several processes that share a queue of runs in PostgreSQL."""

from typing import TYPE_CHECKING

from remediator.cli import Exit
from remediator.cli.askers import asker
from remediator.cli.connect import with_session
from remediator.cli.options.applying import RunOptions, SignatureOptions
from remediator.cli.options.azure import AzureOptions
from remediator.cli.options.output import OutputOptions
from remediator.cli.screen import Screen
from remediator.cli.state import state_of
from remediator.cli.terms import times
from remediator.engine.engines import DbosEngines
from remediator.flow.ports import Means
from remediator.flow.queueing import check_shared
from remediator.flow.requests import Signatures, Terms
from remediator.flow.working import work_on_queue as work

if TYPE_CHECKING:
    from remediator.azure.session import Session


def work_on_queue(
    azure: AzureOptions,
    name: str,
    how: RunOptions,
    signatures: SignatureOptions,
    *,
    at_a_time: int,
    until_empty: bool,
) -> int:
    """Work on the queue until the process is told to end, or until the queue is empty."""
    terms = Terms(
        state=state_of(how.state),
        times=times(how),
        playbooks=how.playbooks,
        signatures=Signatures(tuple(signatures.read()), signatures.required),
        at_a_time=at_a_time,
    )
    check_shared(terms.state)

    async def go(session: "Session") -> int:
        means = Means(session, DbosEngines(), asker(yes=True), screen)
        await work(means, terms, name, until_empty=until_empty)
        return Exit.OK

    with Screen(OutputOptions(), several=True) as screen:
        return with_session(azure, go)
