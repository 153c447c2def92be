"""`python -m tests.engine.guarded FOLDER RUN HOW STATE`: a run longer than many looks of its guard.

HOW is `die` if the process is to be killed in the second stage, else `on`. A log tells what the
guard put back.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from remediator.engine.durable import Engine
from remediator.record.state import state_at
from remediator.run.ledger import Ledger, Rows

LOOKS = 0.05
"""Seconds between two looks of a guard."""
LONG = 20 * LOOKS
"""How many seconds the first stage takes."""


async def main(folder: Path, run_id: str, how: str, said: str) -> None:
    """Begin the run, or take it up. Print the results of the run and of its guard."""

    async def body(_run_id: str, ledger: Ledger, _payload: dict[str, Any]) -> dict[str, Any]:
        async def take_off() -> Rows:
            await asyncio.sleep(LONG)
            return [{"taken": "lock"}]

        async def go_on() -> Rows:
            if how == "die":
                os.kill(os.getpid(), signal.SIGKILL)
            return [{"went": "on"}]

        done = await ledger.once("take off", take_off)
        return {"done": done + await ledger.once("go on", go_on)}

    async def put_back(_run_id: str, rows: Rows) -> Rows:
        with (folder / "log").open("a") as log:
            log.write(f"{json.dumps(rows)}\n")
        return [{"put": "back"}]

    async with Engine(
        state_at(said, folder), body, executor=run_id, put_back=put_back, guard_looks=LOOKS
    ) as engine:
        await engine.start(run_id, {"owes": True})
        ended = await engine.result(run_id)
        sys.stdout.write(json.dumps(ended | {"returned": await engine.returned(run_id)}))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
