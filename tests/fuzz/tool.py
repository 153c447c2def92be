"""`python -m tests.fuzz.tool ARGUMENTS`: `remediate`, with seconds for put-backs, not minutes.

Each round must end soon. Put-backs have time of their own after the run's time is used up.
"""

import sys
from importlib import import_module
from typing import Any, Final

from remediator.cli import main

SECONDS: Final = 5.0


def prepare() -> None:
    """Give put-backs little time."""
    for name in ("remediator.run.looks", "remediator.flow.carrying"):
        module: Any = import_module(name)
        module.GRACE = SECONDS


if __name__ == "__main__":
    prepare()
    main(sys.argv[1:])
