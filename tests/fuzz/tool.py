"""`python -m tests.fuzz.tool ARGUMENTS`: `remediate`, whose put-backs have seconds, not minutes.

Each round shall end, and soon: what is put back has its own time after the run's is used up.
"""

import sys
from importlib import import_module
from typing import Any, Final

from remediator.cli import main

SECONDS: Final = 5.0


def prepare() -> None:
    """Let what is put back have little time of its own."""
    for name in ("remediator.run.looks", "remediator.flow.carrying"):
        module: Any = import_module(name)
        module.GRACE = SECONDS


if __name__ == "__main__":
    prepare()
    main(sys.argv[1:])
