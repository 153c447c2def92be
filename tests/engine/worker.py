"""`python -m tests.engine.worker FOLDER RUN HOW STATE`: a run of four stages on the engine.

HOW is the number of the stage in which the process is killed, `stay` if the run is to stay in the
first stage, else `on`.
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

STAGES = 4


async def main(folder: Path, run_id: str, how: str, said: str) -> None:
    """Begin the run, or take it up, and print its result. Each stage writes a line in a log."""

    async def body(_run_id: str, ledger: Ledger, payload: dict[str, Any]) -> dict[str, Any]:
        done = []
        for n in range(payload["stages"]):

            async def do(n: int = n) -> Rows:
                with (folder / "log").open("a") as log:
                    log.write(f"{n}\n")
                if how == "stay":
                    signal.pause()
                if how == str(n):
                    os.kill(os.getpid(), signal.SIGKILL)
                return [{"stage": n}]

            done += await ledger.once(f"stage-{n}", do)
        return {"done": done}

    async with Engine(state_at(said, folder), body, executor=run_id) as engine:
        await engine.start(run_id, {"stages": STAGES})
        sys.stdout.write(json.dumps(await engine.result(run_id)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
