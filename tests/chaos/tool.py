"""`python -m tests.chaos.tool ARGUMENTS`: the command, with guards that look ten times a second.

Its clock may be wrong by hours or days. The environment says by how much.
"""

import os
import sys
from datetime import UTC, datetime, timedelta

from remediator.cli import main
from remediator.engine.durable import Engine
from remediator.flow import carrying
from tests.chaos.calendar import OFFSET

LOOKS = 0.1
"""Seconds between two looks of a guard of a run."""


def prepare() -> None:
    """Let the guards look often, and set the clock of this process wrong."""
    wrong = timedelta(seconds=float(os.environ.get(OFFSET, "0")))
    defaults = Engine.__init__.__kwdefaults__ or {}
    defaults["guard_looks"] = LOOKS
    carrying._now = lambda: datetime.now(UTC) + wrong  # noqa: SLF001 - plants the wrong clock


if __name__ == "__main__":
    prepare()
    main(sys.argv[1:])
