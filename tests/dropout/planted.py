"""`python -m tests.dropout.planted FAULT ARGUMENTS`: `remediate` with a planted fault."""

import runpy
import sys
from collections.abc import Callable
from typing import Any


def state_taken_for_well() -> None:
    """Treat an item that does not tell the state of its protection as protected."""
    from remediator.inspect import item

    parse = item.parse

    def faulty(row: dict[str, Any]) -> Any:
        found = parse(row)
        told = row.get("properties", {}).get("protectionState")
        return found if told else found.model_copy(update={"state": "Protected"})

    item.parse = faulty


def silence_taken_for_ready() -> None:
    """Treat an agent without any status as ready."""
    from remediator.facts import AgentState
    from remediator.inspect import vm

    of = vm._agent  # noqa: SLF001 - the status is read there

    def faulty(agent: object, spoken: list[dict[str, Any]]) -> AgentState:
        return of(agent, spoken) if spoken else AgentState.READY

    vm._agent = faulty  # noqa: SLF001


FAULTS: dict[str, Callable[[], None]] = {
    each.__name__: each for each in (state_taken_for_well, silence_taken_for_ready)
}

if __name__ == "__main__":
    FAULTS[sys.argv.pop(1)]()
    runpy.run_module("remediator", run_name="__main__", alter_sys=True)
